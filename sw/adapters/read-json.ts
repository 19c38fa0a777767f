import type { Json } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'

/** Ends the reading, and the download with it, at the first byte too many. */
const bounded = (bytesMax: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> => {
  let left = bytesMax
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.length
      if (left < 0) controller.error()
      else controller.enqueue(chunk)
    },
  })
}

/** The body as JSON when it says that it is, is small enough and parses; `undefined` for everything else (portals answer HTML). */
export async function readJson(response: Response, bytesMax: number): Promise<Json | undefined> {
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  try {
    return (await new Response(response.body?.pipeThrough(bounded(bytesMax))).json()) as Json
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
