import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import type { JsonObject } from '../base/json.ts'
import type { Fault } from './plan.ts'
import type { Site } from './site.ts'
import type { Worker } from './worker.ts'

type Arrived = { readonly url: string; readonly key: string; readonly params: JsonObject; readonly token: string | null; readonly isKeyed: boolean }

/** What the far end answers to a request that arrived, as the adapter would tell it. `applied-…`: the effect happened, and the answer does not say so. */
export function answerOf(site: Site, worker: Worker, { token, ...request }: Arrived, met: Fault | null): HttpOutcome {
  const { world } = site
  const fault = met ?? (request.isKeyed ? world.poison(request.key) : null)
  const owner = world.plan.hasServer ? site.accounts.owner(token) : 'local'
  if (fault) world.count(`far ${fault.kind}`)
  if (owner === null) return { kind: 'answer', status: 401, body: {} }
  const receive = (): HttpOutcome => site.far.receive({ ...request, owner })
  const wait = fault?.ms === undefined ? {} : { waitMs: fault.ms }
  const words = { message: world.texts.hex(8) }
  switch (fault?.kind) {
    case undefined:
      return receive()
    case 'twice':
      if (request.isKeyed) receive()
      return receive()
    case 'applied-500':
      receive()
      return { kind: 'answer', status: 500, body: words }
    case 'applied-portal':
      receive()
      return { kind: 'unreadable', status: 200 }
    case 'portal':
      return { kind: 'unreadable', status: 200 }
    case 'redirect':
      return { kind: 'unreadable', status: 0 }
    case 'junk':
      // A proxy's polite lie; where the action declares no schema for answers nobody could tell, so there it is a portal.
      return site.effects.get(request.url)?.hasAnswer === true
        ? { kind: 'answer', status: 200, body: { ok: true } }
        : { kind: 'unreadable', status: 200 }
    default:
      if (Number(fault?.kind) >= 400 && Number(fault?.kind) !== 409 && [400, 403, 404, 410, 422].includes(Number(fault?.kind)))
        site.laws.onDefinitive(worker, request.url, request.key, owner)
      return { kind: 'answer', status: Number(fault?.kind), body: words, ...wait }
  }
}
