/**
 * The far end that all sides send to: counts what arrives and what takes effect, by its own clock, and misbehaves on order.
 * One answer shape for all: `{id}`; single requests name their key in `Idempotency-Key`, batches in each item.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What becomes of one arrival: `ok`; `refuse`: the connection ends before anything happened; `hold`: nothing happens and
 * nothing is answered; `lose-answer`: the effect happens and the connection ends; a number: this status, and no effect.
 */
export type Fate = 'ok' | 'refuse' | 'hold' | 'lose-answer' | number

export class FarLane {
  /** Effects by key. */
  readonly effects = new Map<string, number>()
  readonly arrivals = new Map<string, number>()
  /** HTTP requests, whatever they carried. */
  requests = 0
  /** When the last effect happened, on `performance.now()`'s clock. */
  lastEffectAt = 0
  /** Whether a key that had its effect is answered from memory. */
  keepsKeys = true
  fate: (key: string, arrival: number) => Fate = () => 'ok'

  arrive(key: string): Fate {
    const arrival = (this.arrivals.get(key) ?? 0) + 1
    this.arrivals.set(key, arrival)
    const fate = this.fate(key, arrival)
    if (fate === 'ok' || fate === 'lose-answer') {
      const before = this.effects.get(key) ?? 0
      if (before === 0 || !this.keepsKeys) {
        this.effects.set(key, before + 1)
        this.lastEffectAt = performance.now()
      }
    }
    return fate
  }

  /** Resolves when so many keys had their effect; false when the time was not enough. */
  async reaches(keys: number, withinMs: number): Promise<boolean> {
    for (const until = performance.now() + withinMs; this.effects.size < keys; await sleep(2)) if (performance.now() > until) return false
    return true
  }

  /** Resolves when no request has come for so long, or the time is over. */
  async quiet(forMs: number, withinMs: number): Promise<void> {
    let [seen, since] = [this.requests, performance.now()]
    for (const until = performance.now() + withinMs; performance.now() < until; await sleep(20)) {
      if (this.requests !== seen) [seen, since] = [this.requests, performance.now()]
      if (performance.now() - since >= forMs) return
    }
  }
}

type Item = { readonly key: string }

export type FarEnd = {
  /** The lane behind `/api/far/{name}` and `/api/far/{name}/batch`. */
  lane(name: string): FarLane
  /** Forgets everything of a lane. */
  fresh(name: string): FarLane
  /** Answers what is below `/api/far/`; false for all else. */
  handle(request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): boolean
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

export const createFarEnd = (linkMs: () => number): FarEnd => {
  const lanes = new Map<string, FarLane>()
  const fresh = (name: string): FarLane => {
    const lane = new FarLane()
    lanes.set(name, lane)
    return lane
  }
  const lane = (name: string): FarLane => lanes.get(name) ?? fresh(name)

  const answer = async (request: IncomingMessage, response: ServerResponse, headers: Readonly<Record<string, string>>): Promise<void> => {
    const [, , , name = '', route] = (request.url ?? '').split('/')
    const body = await bodyOf(request)
    // The whole delay lies before the effect, so that a side's last effect has paid for its link.
    if (linkMs() > 0) await sleep(linkMs())
    const at = lane(name)
    at.requests += 1
    const send = (status: number, value: unknown): void =>
      void response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (route === 'batch') {
      const items = JSON.parse(body) as readonly Item[]
      return send(
        200,
        items.map(({ key }) => {
          const fate = at.arrive(key)
          return typeof fate === 'number' ? { key, status: fate, body: {} } : { key, status: 200, body: { id: key } }
        }),
      )
    }
    const key = decodeURIComponent(String(request.headers['idempotency-key'] ?? ''))
    const fate = at.arrive(key)
    if (fate === 'ok') send(200, { id: key })
    else if (typeof fate === 'number') send(fate, { code: 'ORDERED' })
    else if (fate !== 'hold') request.socket.destroy()
  }

  return {
    lane,
    fresh,
    handle(request, response, headers) {
      if (request.method !== 'POST' || !(request.url ?? '').startsWith('/api/far/')) return false
      // A browser that was killed mid-request is part of the measurement, not a fault of the far end.
      answer(request, response, headers).catch(() => request.socket.destroy())
      return true
    },
  }
}
