import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import type { Io } from './io.ts'
import type { Target } from './target.ts'

type Options = {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly body?: unknown
  /** Send the operator's key. */
  readonly operator?: boolean
  /** Statuses besides 200 whose body is an answer, not a fault. */
  readonly also?: readonly number[]
  /** Gives the request up before its own time is over. */
  readonly signal?: AbortSignal | undefined
}

export type Asked = {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly text: string
  readonly ms: number
  readonly killVersion: number
}

const TIMEOUT_MS = 15_000
const BODY_MAX = 16 * 1024 * 1024

const send = async (io: Io, target: Target, path: string, init: RequestInit, given?: AbortSignal): Promise<Response> => {
  const late = AbortSignal.timeout(TIMEOUT_MS)
  const signal = given === undefined ? late : AbortSignal.any([given, late])
  try {
    return await io.fetch(`${target.url}${path}`, { ...init, redirect: 'manual', signal })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.name) : 'no answer'
    throw new Fault(EXIT.red, 'UNREACHABLE', `Nothing answers at ${target.url} (${why}). Is the server up, and is --url right?`)
  }
}

const parse = (text: string): Record<string, unknown> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/**
 * One request to MAESTRO's functions, with its JSON. Throws a `Fault`: nothing there (red), something else is there (usage), the key is
 * missing or refused (auth), the server says no (refused), it cannot answer now (red).
 */
export const ask = async (
  io: Io,
  target: Target,
  path: string,
  { method = 'GET', body, operator = false, also = [], signal }: Options = {},
): Promise<Asked> => {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (operator) headers['authorization'] = `Bearer ${await target.key()}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  const began = io.now()
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const response = await send(io, target, `/functions/v1${path}`, init, signal)
  const text = await response.text().catch(() => '')
  const said = text.length > BODY_MAX ? null : parse(text)
  const version = response.headers.get('x-maestro-kill-version')
  if (version === null || said === null)
    throw new Fault(
      EXIT.usage,
      'NOT_MAESTRO',
      `${target.url} answers ${response.status}, but not as MAESTRO does. Is it the right project, with its functions deployed?`,
    )
  const { status } = response
  if (status === 200 || also.includes(status)) return { status, body: said, text, ms: io.now() - began, killVersion: Number(version) }
  const code = typeof said['code'] === 'string' ? said['code'] : `HTTP_${status}`
  const message = typeof said['message'] === 'string' ? said['message'] : `The server answered ${status}.`
  if (status === 401 || status === 403) throw new Fault(EXIT.auth, code, `${message} Is the key file this project’s?`)
  throw new Fault(status >= 500 || status === 429 ? EXIT.red : EXIT.refused, code, message)
}
