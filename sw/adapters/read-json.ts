import type { Json } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'

/** The body as JSON when it says that it is, is small enough and parses; `undefined` for everything else (portals answer HTML). */
export async function readJson(response: Response, bytesMax: number): Promise<Json | undefined> {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  if (Number(response.headers.get('content-length') ?? 0) > bytesMax) return undefined
  try {
    const text = await response.text()
    return text.length > bytesMax ? undefined : (JSON.parse(text) as Json)
  } catch {
    return undefined
  }
}

/** A wait that a server asks for, in ms and bounded; nothing when it is none. */
export const waitOf = (seconds: unknown): { readonly waitMs?: number } =>
  typeof seconds === 'number' && seconds > 0 ? { waitMs: Math.min(seconds * 1_000, LIMITS.retryAfterMsMax) } : {}

/** `Retry-After`, from seconds or a date. */
export function retryAfter(response: Response): { readonly waitMs?: number } {
  const header = response.headers.get('retry-after') ?? ''
  return waitOf(/^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000)
}
