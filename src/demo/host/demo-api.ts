import { setTimeout as sleep } from 'node:timers/promises'
import { LIMITS } from '../../protocol/limits.ts'
import { KeySchema } from '../../protocol/idempotency-key.ts'
import * as v from '../../protocol/schema.ts'
import { answer, refuse } from './answer.ts'
import { demoActionAt, parseDemoParams } from './demo-actions.ts'
import type { EffectStore } from './effect-store.ts'

export type Caller = { readonly tenant: string; readonly principal: string }

export type DemoApiOptions = {
  readonly store: EffectStore
  /** The caller named by the request's bearer token, or null. */
  readonly verify: (request: Request) => Promise<Caller | null>
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

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const REFUSALS = {
  'key-reused': [422, 'KEY_REUSED', 'This key was used for something else.'],
  'file-unknown': [404, 'FILE_UNKNOWN', 'There is no such file.'],
  'file-gone': [410, 'FILE_GONE', 'This file is already deleted.'],
} as const

const perform = async (request: Request, pathname: string, { store, verify }: DemoApiOptions): Promise<Response> => {
  const action = demoActionAt(pathname)
  if (action === undefined) return refuse(404, 'NOT_FOUND', 'There is nothing at this address.')
  if (request.method !== 'POST') return refuse(405, 'METHOD_REFUSED', 'Use POST.', { allow: 'POST' })
  const caller = await verify(request)
  if (caller === null) return refuse(401, 'AUTH_FAILED', 'Sign in first.', { 'www-authenticate': 'Bearer' })
  const key = readKey(request.headers.get('idempotency-key'))
  if (key === null) return refuse(400, 'KEY_INVALID', 'The Idempotency-Key header is missing or malformed.')
  const body = await request.text()
  if (Buffer.byteLength(body) > LIMITS.paramsBytesMax) return refuse(413, 'BODY_TOO_LARGE', `At most ${LIMITS.paramsBytesMax} bytes.`)
  const parsed = parseDemoParams(action, readJson(body))
  if ('field' in parsed)
    return refuse(400, 'PARAMS_INVALID', parsed.field === '' ? 'The body is not what this action takes.' : `Wrong: ${parsed.field}`)
  const applied = await store.apply({ tenant: caller.tenant, principal: caller.principal, key, action, params: parsed.params })
  if ('id' in applied) return answer(200, { id: applied.id, applied_at: applied.appliedAt, idempotent: applied.outcome === 'repeated' })
  const [status, code, message] = REFUSALS[applied.outcome]
  return refuse(status, code, message)
}

/** The demo's own back end, an ordinary app API: it knows bearer tokens and idempotency keys, and nothing of MAESTRO. `null`: not its path. */
export const demoApi = (options: DemoApiOptions): ((request: Request) => Promise<Response | null>) => {
  const route = async (request: Request, pathname: string): Promise<Response> => {
    if (pathname !== '/api/demo/effects') return perform(request, pathname, options)
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
