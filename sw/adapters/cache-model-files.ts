/** Model files in the Cache API, under their digest: what was fetched when the worker was installed is there without a network. */
import { err, ok, type Result } from '../../src/base/result.ts'
import { checkPinned, type ModelFile, type ModelTrouble } from '../../src/guard/model-file.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { ModelFiles } from '../ports/model-files.ts'

type Read = Result<Uint8Array<ArrayBuffer>, ModelTrouble>

const CACHE = 'maestro-models'
/** One path segment: a name in a declaration must not lead out of `/models`. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Reads no further than one byte past what is pinned. */
async function bodyOf(response: Response, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  while (reader && size <= bytesMax) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    size += value.length
  }
  void reader?.cancel().catch(() => undefined)
  const whole = new Uint8Array(Math.min(size, bytesMax + 1))
  let at = 0
  for (const part of parts) {
    whole.set(part.subarray(0, whole.length - at), at)
    at += part.length
  }
  return whole
}

async function fetched(pinned: ModelFile, timeoutMs: number): Promise<Read> {
  try {
    const response = await fetch(`/models/${pinned.file}`, {
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 404) return err('MODEL_MISSING')
    if (!response.ok) return err('MODEL_UNREACHABLE')
    const bytes = await bodyOf(response, pinned.bytes)
    const trouble = checkPinned(bytes, pinned)
    return trouble === null ? ok(bytes) : err(trouble)
  } catch {
    return err('MODEL_UNREACHABLE')
  }
}

/** A browser without room or without a Cache API still has the network. */
const quietly = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work()
  } catch {
    return undefined
  }
}

/** @param timeoutMs how long a fetch may take. */
export const createCacheModelFiles = (timeoutMs: number = LIMITS.modelTimeoutMs): ModelFiles => ({
  async read(pinned) {
    if (!PLAIN_NAME.test(pinned.file) || !/^[0-9a-f]{64}$/.test(pinned.sha256)) return err('MODEL_UNKNOWN')
    if (pinned.bytes > LIMITS.modelBytesMax) return err('MODEL_TOO_LARGE')
    const name = `/models/${pinned.file}?sha256=${pinned.sha256}`
    const cache = await quietly(() => caches.open(CACHE))
    const kept = await quietly(async () => cache?.match(name))
    if (kept) {
      const bytes = await quietly(() => bodyOf(kept, pinned.bytes))
      if (bytes && checkPinned(bytes, pinned) === null) return ok(bytes)
      await quietly(async () => cache?.delete(name))
    }
    const read = await fetched(pinned, timeoutMs)
    if (read.ok) await quietly(async () => cache?.put(name, new Response(read.value)))
    return read
  },
})
