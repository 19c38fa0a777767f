import type { Json } from '../../src/base/json.ts'

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

/** `Retry-After` in ms, from seconds or a date; `undefined` when absent or absurd. */
export function retryAfterMs(response: Response, now: number): number | undefined {
  const header = response.headers.get('retry-after')
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
