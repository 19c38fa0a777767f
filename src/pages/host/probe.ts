import type { Asked } from '../../cli/ask.ts'
import { Fault } from '../../cli/fault.ts'

/** What one question to the watched server brought: its answer, or why there is none. */
export type Probe =
  | { readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Longer than a slow answer, shorter than a person's patience: a console must say that a thing is silent while it is silent. */
const SILENT_MS = 3_000

/**
 * Never rejects: each part of the picture stands or falls alone. What is not waited for any longer is aborted by the signal, so that
 * questions to a slow server do not pile up there.
 */
export const probe = async (question: (signal: AbortSignal) => Promise<Asked>): Promise<Probe> => {
  const given = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${SILENT_MS / 1_000} s`))
      given.abort()
    }, SILENT_MS)
  })
  try {
    const { body, ms } = await Promise.race([question(given.signal), silence])
    return { ok: true, value: body, ms }
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'SILENT'
    return { ok: false, code, message: error instanceof Error ? error.message : 'no answer' }
  } finally {
    clearTimeout(timer)
  }
}
