import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../base/json.ts'
import * as LIMITS from '../../protocol/limits.ts'
import { KeySchema } from '../../protocol/idempotency-key.ts'
import * as v from '../../protocol/schema.ts'
import type { Verify } from '../../server/index.ts'
import { answer, refuse } from './answer.ts'
import { demoActionAt, parseDemoParams } from './demo-actions.ts'
import { appliedAnswer, keyInvalid, paramsInvalid, tooLarge } from './demo-answers.ts'
import type { DemoAnswer } from './demo-answers.ts'
import { performBatch } from './demo-batch.ts'
import type { EffectStore } from './effect-store.ts'
import { paymentNeeds } from './payment-receipts.ts'
import { readJsonText } from './read-json-text.ts'

export type Caller = { readonly tenant: string; readonly principal: string }

export type DemoApiOptions = {
  readonly store: EffectStore
  /** The caller named by the request's bearer token, or null. */
  readonly verify: (request: Request) => Promise<Caller | null>
  /** Whether a payment carries the receipt and the approval that it needs. */
  readonly receipts: Verify
  /** Answers, not effects, are this late: what is lost then has happened. */
  readonly delayMs: number
}

const readKey = (header: string | null): string | null => {
  try {
    const parsed = v.safeParse(KeySchema, decodeURIComponent(header ?? ''))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** Items of one batch, and its bytes: what a device sends at most, with room for text that is not ASCII. */
const BATCH_ITEMS_MAX = 500
const BATCH_BYTES_MAX = 4 * 1024 * 1024

const say = ({ status, body }: DemoAnswer): Response => answer(status, body)

const post = async (request: Request, verify: DemoApiOptions['verify'], work: (caller: Caller) => Promise<Response>): Promise<Response> => {
  if (request.method !== 'POST') return refuse(405, 'METHOD_REFUSED', 'Use POST.', { allow: 'POST' })
  const caller = await verify(request)
  return caller === null ? refuse(401, 'AUTH_FAILED', 'Sign in first.', { 'www-authenticate': 'Bearer' }) : work(caller)
}

const single = async (request: Request, pathname: string, { store, verify, receipts }: DemoApiOptions): Promise<Response> => {
  const action = demoActionAt(pathname)
  if (action === undefined) return refuse(404, 'NOT_FOUND', 'There is nothing at this address.')
  return post(request, verify, async ({ tenant, principal }) => {
    const key = readKey(request.headers.get('idempotency-key'))
    if (key === null) return say(keyInvalid)
    const body = await request.text()
    if (Buffer.byteLength(body) > LIMITS.paramsBytesMax) return say(tooLarge)
    const given = readJsonText(body)
    const parsed = parseDemoParams(action, given)
    if ('field' in parsed) return say(paramsInvalid(parsed.field))
    if (action === 'payment.transfer') {
      const params = given as JsonObject
      const asked = { caller: { tenant, principal }, action, params, key, token: request.headers.get('maestro-receipt') }
      const receipt = await receipts({ ...asked, needs: paymentNeeds(params['amount']) })
      if (!receipt.ok) return refuse(403, receipt.error.code, `No money moves: ${receipt.error.message}.`)
    }
    const said = say(appliedAnswer(await store.apply({ tenant, principal, key, action, params: parsed.params })))
    // Whose answer this is: a proxy that mixes answers up is then found out.
    said.headers.set('idempotency-key', encodeURIComponent(key))
    return said
  })
}

const batch = (request: Request, { store, verify }: DemoApiOptions): Promise<Response> =>
  post(request, verify, async ({ tenant, principal }) => {
    const body = await request.text()
    if (Buffer.byteLength(body) > BATCH_BYTES_MAX) return refuse(413, 'BODY_TOO_LARGE', `At most ${BATCH_BYTES_MAX} bytes.`)
    const items = readJsonText(body)
    if (!Array.isArray(items)) return refuse(400, 'BODY_INVALID', 'The body is not a list of items.')
    if (items.length > BATCH_ITEMS_MAX) return refuse(413, 'BATCH_TOO_LARGE', `At most ${BATCH_ITEMS_MAX} items in one batch.`)
    return answer(200, await performBatch(store, { tenant, principal }, items))
  })

/** The demo's own back end, an ordinary app API: it knows bearer tokens and idempotency keys, and of MAESTRO only the receipts that payments must carry. `null`: not its path. */
export const demoApi = (options: DemoApiOptions): ((request: Request) => Promise<Response | null>) => {
  const route = async (request: Request, pathname: string): Promise<Response> => {
    if (pathname === '/api/demo/batch') return batch(request, options)
    if (pathname !== '/api/demo/effects') return single(request, pathname, options)
    if (request.method !== 'GET') return refuse(405, 'METHOD_REFUSED', 'Use GET.', { allow: 'GET' })
    return answer(200, await options.store.list())
  }
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/api/')) return null
    const response = await route(request, pathname).catch(() =>
      refuse(503, 'UNAVAILABLE', 'The back end has no database now.', { 'retry-after': '1' }),
    )
    if (options.delayMs > 0) await sleep(options.delayMs)
    return response
  }
}
