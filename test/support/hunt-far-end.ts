import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBackEnd } from './hunt-back-end.ts'
import type { HuntBackEnd } from './hunt-back-end.ts'
import { PASS } from './hunt-faults.ts'
import type { Canned, HuntFault } from './hunt-faults.ts'
import { createReceipts } from './hunt-receipts.ts'
import type { HuntReceipts } from './hunt-receipts.ts'

export const TENANT = 'hunt'

/** One request to the back end or the shared ledger, spoiled or not. `items` are the intents' numbers that it carries. */
export type Arrival = {
  readonly at: number
  readonly path: string
  readonly user: string | null
  readonly items: readonly number[]
  readonly fault: string
  /** Set when the answer was given, or the connection cut. */
  endedAt?: number
}

/** Pages, worker, sign-in, flag, ledger and back end on one origin, spoiled at will. */
export type FarEnd = {
  readonly origin: string
  readonly backEnd: HuntBackEnd
  readonly receipts: HuntReceipts
  readonly arrivals: readonly Arrival[]
  /** How often a session was asked for, by password or by refresh token. */
  readonly tokenRequests: () => number
  /** How often each fault was applied. */
  readonly faults: ReadonlyMap<string, number>
  /** Decides over each request to the back end and the ledger from now on. */
  spoil(decide: (request: { readonly path: string; readonly items: readonly number[]; readonly user: string | null }) => HuntFault | undefined): void
  /** The build that `/sw.js` and `/page.js` give from now on. */
  deploy(build: { readonly worker: string; readonly page: string }): void
  /** Every token given so far is refused from now on, and refreshing it too. */
  revoke(): void
  /** A wrong clock, as an offset in ms from the true one, in everything that carries a time. */
  skew(offsetMs: number): void
  close(): Promise<void>
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    return null
  }
}

const numbersOf = (body: unknown): readonly number[] => {
  const list = Array.isArray(body) ? body.map((each: { params?: unknown }) => each?.params) : [body]
  return list.flatMap((params) => (typeof (params as { n?: unknown } | null)?.n === 'number' ? [(params as { n: number }).n] : []))
}

/**
 * `isReusing` keeps connections alive. Off by default: Chromium itself sends a request again, also a POST, when a reused connection dies before
 * the first byte of an answer, which nothing above `fetch` can see or prevent, and which would be counted as ours.
 */
export type FarEndOptions = { readonly isReusing?: boolean }

export const startFarEnd = async (build: { readonly worker: string; readonly page: string }, options: FarEndOptions = {}): Promise<FarEnd> => {
  let { worker, page } = build
  let decide: Parameters<FarEnd['spoil']>[0] = () => undefined
  let generation = 0
  let tokenRequests = 0
  let skewMs = 0
  const backEnd = createBackEnd()
  const receipts = createReceipts()
  const arrivals: Arrival[] = []
  const faults = new Map<string, number>()
  const tokens = new Map<string, { readonly user: string; readonly generation: number }>()
  const sockets = new Set<Socket>()

  const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Canned => ({
    status,
    body: JSON.stringify(body),
    type: 'application/json',
    headers: { 'x-maestro-kill-version': '1', ...headers },
  })

  const give = (to: ServerResponse, { status, body = '', type, headers = {} }: Canned): void => {
    const common = { 'cache-control': 'no-store', date: new Date(Date.now() + skewMs).toUTCString() }
    if (options.isReusing !== true) to.setHeader('connection', 'close')
    to.writeHead(status, { ...common, ...(type === undefined ? {} : { 'content-type': type }), ...headers })
    to.end(body)
  }

  const sessionFor = (user: string): Canned => {
    const id = `${user}.${tokens.size}.${crypto.randomUUID()}`
    tokens.set(`a-${id}`, { user, generation })
    tokens.set(`r-${id}`, { user, generation })
    const about = { id: user, email: `${user}@example.com`, app_metadata: { tenant_id: TENANT, user_name: user }, user_metadata: { user_name: user } }
    return json(200, { access_token: `a-${id}`, refresh_token: `r-${id}`, expires_in: 3_600, token_type: 'bearer', user: about })
  }

  const userOf = (token: string): string | null => {
    const known = tokens.get(token)
    return known !== undefined && known.generation === generation ? known.user : null
  }

  const signIn = (url: URL, body: unknown): Canned => {
    const { email, password, refresh_token: refresh } = (body ?? {}) as { email?: string; password?: string; refresh_token?: string }
    const user =
      url.searchParams.get('grant_type') === 'refresh_token' ? userOf(refresh ?? '') : email === `${password}@example.com` ? password : null
    return user ? sessionFor(user) : json(400, { error: 'invalid_grant', error_description: 'no' })
  }

  const now = (): number => Date.now() + skewMs

  const fixed = (url: URL): Canned | null => {
    if (url.pathname === '/sw.js') return { status: 200, type: 'text/javascript', body: worker }
    if (url.pathname === '/page.js') return { status: 200, type: 'text/javascript', body: page }
    if (url.pathname === '/maestro-flag.json') return json(200, { enabled: true })
    if (url.pathname === '/functions/v1/maestro-flag') {
      const times = { issued: new Date(now() - 60_000).toISOString(), expires: new Date(now() + 86_400_000).toISOString() }
      return json(200, { version: 1, action: 'run', ...times })
    }
    if (url.pathname === '/')
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: '<!doctype html><title>hunt</title><script type="module" src="/page.js"></script>',
      }
    return null
  }

  const ledger = (path: string, user: string, body: unknown): Canned => {
    const asked = (body ?? {}) as never
    const said = path.endsWith('/claim-receipt')
      ? receipts.claim(user, asked)
      : path.endsWith('/complete-receipt')
        ? receipts.complete(user, asked)
        : path.includes('/receipt/')
          ? receipts.lookUp(user, decodeURIComponent(path.slice(path.indexOf('/receipt/') + 9)))
          : receipts.sync(user, asked)
    const timed = 'server_time' in said.body ? { ...said.body, server_time: new Date(now()).toISOString() } : said.body
    return json(said.status, timed, said.status === 409 ? { 'retry-after': '1' } : {})
  }

  const act = (path: string, user: string, key: string, body: unknown, { refuse }: HuntFault): Canned => {
    if (!path.endsWith('/batch')) {
      const { status, body: said } = backEnd.apply({ path, key, user, params: body })
      return json(status, said, { 'idempotency-key': encodeURIComponent(key) })
    }
    if (!Array.isArray(body)) return json(400, { code: 'BATCH_INVALID', message: 'not a list' })
    const items = body as readonly { readonly key: string; readonly params: unknown }[]
    const one = (each: string, params: unknown) => refuse?.(numbersOf(params)[0] ?? 0) ?? backEnd.apply({ path, key: each, user, params })
    return json(
      200,
      items.map(({ key: each, params }) => ({ key: each, ...one(each, params) })),
    )
  }

  const serve = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const url = new URL(from.url ?? '/', 'http://localhost')
    const path = url.pathname
    const body = from.method === 'POST' ? await bodyOf(from) : null
    const file = fixed(url)
    if (file !== null) return give(to, file)
    if (path === '/auth/v1/token') {
      tokenRequests += 1
      return give(to, signIn(url, body))
    }
    const isLedger = path.startsWith('/functions/v1/maestro-sync')
    if (!isLedger && !path.startsWith('/api/')) return give(to, { status: 404 })

    const user = userOf((from.headers.authorization ?? '').replace(/^Bearer /, ''))
    const items = numbersOf(body)
    const fault = decide({ path, items, user }) ?? PASS
    faults.set(fault.name, (faults.get(fault.name) ?? 0) + 1)
    const arrival: Arrival = { at: Date.now(), path, user, items, fault: fault.name }
    arrivals.push(arrival)
    await fault.until
    if (fault.beforeMs !== undefined) await sleep(fault.beforeMs)
    const run = (): Canned =>
      user === null
        ? json(401, { code: 'UNAUTHENTICATED', message: 'sign in' })
        : isLedger
          ? ledger(path, user, body)
          : act(path, user, decodeURIComponent(String(from.headers['idempotency-key'] ?? '')), body, fault)
    const truth = fault.reaches ? run() : json(200, {})
    if (fault.afterMs !== undefined) await sleep(fault.afterMs)
    arrival.endedAt = Date.now()
    const { answer } = fault
    if (answer === 'cut') to.destroy()
    else give(to, answer === 'true' ? truth : typeof answer === 'function' ? answer(truth) : answer)
  }

  const server = createServer((from, to) => void serve(from, to).catch(() => to.destroy()))
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))

  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    backEnd,
    receipts,
    arrivals,
    tokenRequests: () => tokenRequests,
    faults,
    spoil: (next) => void (decide = next),
    deploy: (next) => void ({ worker, page } = next),
    revoke: () => void (generation += 1),
    skew: (offsetMs) => void (skewMs = offsetMs),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
