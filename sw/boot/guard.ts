/// <reference lib="webworker" />
/** A scorer of texts that try to steer an agent: `maestro-sw/guard`. */
import { decodeModel } from '../../src/guard/model.ts'
import { GUARD_WEIGHTS } from '../../src/guard/pins.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { createCacheModelFiles } from '../adapters/cache-model-files.ts'
import { createGuard, type GuardParts } from '../runtime/guard-kit.ts'
import type { Kit } from '../runtime/kit.ts'

declare const self: ServiceWorkerGlobalScope

/**
 * Raises the lane of an agent's call when a text behind it, or what it would send, reads like an attack. The app serves
 * `public/models/guard.bin` of this package at `/models/guard.bin`; it is fetched when the worker is installed and kept. Call it at the top level of the worker.
 *
 * @param options `second`: a second scorer, like `guardModel` of `maestro-sw/infer`.
 */
export function guard(options: Pick<GuardParts, 'second'> = {}): Kit {
  const kit = createGuard({
    second: options.second,
    async load() {
      // A call waits for this: a slow network must not hold it longer than it holds any other.
      const bytes = await createCacheModelFiles(LIMITS.flagTimeoutMs).read(GUARD_WEIGHTS)
      if (!bytes.ok) return bytes.error
      const model = decodeModel(bytes.value)
      return model.ok ? model.value : 'MODEL_MALFORMED'
    },
  })
  return (host) => {
    // An installation does not fail for want of a model: without it the guard is off. A build that is switched off fetches nothing.
    const fetchAll = () => Promise.allSettled([createCacheModelFiles().read(GUARD_WEIGHTS), options.second?.fetch?.()])
    if (host.isBuiltOn) self.addEventListener('install', (event) => event.waitUntil(fetchAll()))
    return kit(host)
  }
}
