import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startBrowser } from './browser-process.ts'
import { effectsOf } from './effects.ts'
import { eventually } from './eventually.ts'
import { drawFrom } from './hunt-random.ts'
import type { Evaluating, MaestroWindow } from './in-page.ts'
import type { Demo } from './start-demo.ts'

/** Milliseconds from the document's commit, by the database's own clock; an effect before it counts as 0. */
type Late = { readonly p50: number; readonly p99: number; readonly max: number }

export type FlipOutcome = {
  readonly flips: number
  readonly per_second: number
  readonly intents_taken: number
  readonly dropped: number
  readonly repeated: number
  /** Requests of effects that were under way when their kill was committed, of all flips. */
  readonly in_flight: number
  /** Flips after whose commit an effect still happened at the far end. */
  readonly flips_with_late_effect: number
  /** The last effect at the far end. */
  readonly last_effect_ms: Late
  /** The last request of an effect that left the browser. */
  readonly last_request_ms: Late
  /** Until the page showed the kill. */
  readonly shown_ms: Late
}

type Sent = { readonly at: number; endedAt: number }

/** One flip in so many is watched for its full time, also when everything seems to have stopped. */
const WATCHED = 5
const WATCH_MS = 1_500
const QUIET_MS = 60
const MEET_MS = 2_000
const RESUME_MS = 60_000
const CONTACTS = ['anna@example.com', 'ben@example.com', 'chiara@example.com', 'dmitri@example.com']

/** A link between browser and server on which requests of effects are under way for 20 to 120 ms before they arrive. */
const openLink = async (port: number, seed: number) => {
  const random = drawFrom(seed)
  const sent: Sent[] = []
  const sockets = new Set<Socket>()
  let committing: Promise<unknown> = Promise.resolve()

  const forward = (from: IncomingMessage, to: ServerResponse): void => {
    const onward = request(
      { host: 'localhost', port, method: from.method, path: from.url, headers: { ...from.headers, host: `localhost:${port}` } },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(to)
      },
    )
    onward.once('error', () => to.destroy())
    to.once('close', () => onward.destroy())
    from.pipe(onward)
  }

  const server = createServer((from, to) => {
    if (from.method !== 'POST' || !(from.url ?? '').startsWith('/api/demo/')) return forward(from, to)
    const entry: Sent = { at: Date.now(), endedAt: Infinity }
    sent.push(entry)
    to.once('close', () => (entry.endedAt = Date.now()))
    setTimeout(() => void committing.then(() => forward(from, to)), 20 + random.below(100))
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    sent,
    /** What is under way when a document is being committed arrives after it: on a busy machine it would else mostly have arrived before. */
    async across<T>(commit: Promise<T>): Promise<T> {
      committing = commit.catch(() => undefined)
      return commit
    },
    /** Something left the browser and is not answered. */
    isBusy: () => sent.some(({ endedAt }) => endedAt === Infinity),
    isQuiet: () => sent.every(({ endedAt }) => Date.now() - endedAt > QUIET_MS),
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** When the document was committed, ms since 1970, by the database. */
const flipTo = async (demo: Demo, action: 'kill' | 'run'): Promise<number> => {
  const answer = await fetch(`${demo.origin}/functions/v1/maestro-flag`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await demo.adminToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action }),
  })
  if (!answer.ok) throw new Error(`the flag answered ${answer.status}`)
  return Date.parse(((await answer.json()) as { readonly issued: string }).issued)
}

/** E-mails at this rate until the page closes, whatever the gate says; remembers the keys that were taken, and when the gate was seen to change. */
const startIntents = (page: Evaluating, everyMs: number): Promise<void> =>
  page.evaluate(
    ({ everyMs, contacts }) => {
      const { maestro } = window as unknown as MaestroWindow
      const log = { taken: [] as string[], gates: [] as { state: string; at: number }[], n: 0 }
      Object.assign(window, { flips: log })
      maestro.subscribe(({ gate }) => {
        if (log.gates.at(-1)?.state !== gate.state) log.gates.push({ state: gate.state, at: Date.now() })
      })
      setInterval(async () => {
        const n = log.n++
        const key = `flip-${n}`
        const { status } = await maestro.execute('email.send', { to: contacts[n % contacts.length] ?? '', subject: key, body: 'b' }, { key })
        if (status === 'queued' || status === 'done' || status === 'held') log.taken.push(key)
      }, everyMs)
    },
    { everyMs, contacts: CONTACTS },
  )

type Log = { readonly taken: readonly string[]; readonly gates: readonly { readonly state: string; readonly at: number }[] }
const logOf = (page: Evaluating): Promise<Log> => page.evaluate(() => (window as unknown as { flips: Log }).flips)

const late = (values: readonly number[]): Late => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? 0)
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** What the hunt needs of a browser. */
type Visiting = { visit(origin: string): Promise<Evaluating>; end(): Promise<void> }

export type FlipPlan = {
  readonly flips: number
  /** Chromium unless given. */
  readonly start?: () => Promise<Visiting>
  readonly seed?: number
  readonly perSecond?: number
  readonly progress?: (done: number) => void
}

/** Kills and resumes under load, in a real browser over a link on which effects are always under way. */
export const huntFlips = async (demo: Demo, { flips, start = startBrowser, seed = 1, perSecond = 20, progress }: FlipPlan): Promise<FlipOutcome> => {
  const link = await openLink(demo.port, seed)
  const random = drawFrom(seed)
  const browser = await start()
  try {
    const page = await browser.visit(link.origin)
    await startIntents(page, 1_000 / perSecond)
    const kills: { readonly from: number; readonly to: number }[] = []
    for (let flip = 0; flip < flips; flip++) {
      await sleep(250 + random.below(100))
      // A kill is to meet effects under way: at this rate most moments have none.
      for (const end = Date.now() + MEET_MS; !link.isBusy() && Date.now() < end;) await sleep(2)
      const from = await link.across(flipTo(demo, 'kill'))
      const end = from + WATCH_MS
      if (flip % WATCHED === 0) await sleep(end - Date.now())
      else
        await eventually(
          'the page shows the kill and nothing is under way',
          async () => (await logOf(page)).gates.at(-1)?.state === 'kill' && link.isQuiet(),
          WATCH_MS,
        ).catch(() => sleep(Math.max(0, end - Date.now())))
      kills.push({ from, to: await flipTo(demo, 'run') })
      progress?.(flip + 1)
    }
    const { taken, gates } = await logOf(page)
    const count = async (): Promise<ReadonlyMap<string, number>> => {
      const counts = new Map<string, number>()
      for (const { idempotency_key: key } of await effectsOf(demo.origin)) counts.set(key, (counts.get(key) ?? 0) + 1)
      return counts
    }
    await eventually(
      'every intent that was taken has run',
      async () => {
        const counts = await count()
        return taken.every((key) => counts.has(key))
      },
      RESUME_MS,
    ).catch(() => undefined)
    const counts = await count()
    const applied = (await effectsOf(demo.origin)).map(({ applied_at: at }) => Date.parse(at))
    const lastIn = (times: readonly number[], { from, to }: (typeof kills)[number]): number =>
      Math.max(0, ...times.filter((at) => at > from && at < to).map((at) => at - from))
    const effects = kills.map((kill) => lastIn(applied, kill))
    return {
      flips: kills.length,
      per_second: perSecond,
      intents_taken: taken.length,
      dropped: taken.filter((key) => !counts.has(key)).length,
      repeated: [...counts.values()].filter((times) => times > 1).length,
      in_flight: kills.reduce((sum, { from }) => sum + link.sent.filter(({ at, endedAt }) => at <= from && endedAt > from).length, 0),
      flips_with_late_effect: effects.filter((ms) => ms > 0).length,
      last_effect_ms: late(effects),
      last_request_ms: late(
        kills.map((kill) =>
          lastIn(
            link.sent.map(({ at }) => at),
            kill,
          ),
        ),
      ),
      shown_ms: late(kills.map(({ from, to }) => (gates.find(({ state, at }) => state === 'kill' && at >= from - 5 && at < to)?.at ?? to) - from)),
    }
  } finally {
    await browser.end()
    link.close()
  }
}
