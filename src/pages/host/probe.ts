import type { Asked } from '../../cli/ask.ts'
import { Fault } from '../../cli/fault.ts'

/** What one question to the watched server brought: its answer, or why there is none. */
export type Probe =
  | { readonly ok: true; readonly value: unknown; readonly ms: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Longer than a slow answer, shorter than a person's patience: a console must say that a thing is silent while it is silent. */
const SILENT_MS = 3_000

/** Never rejects: each part of the picture stands or falls alone. */
export const probe = async (question: () => Promise<Asked>): Promise<Probe> => {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${SILENT_MS / 1_000} s`)), SILENT_MS)
  })
  try {
    const { body, ms } = await Promise.race([question(), silence])
    return { ok: true, value: body, ms }
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'SILENT'
    return { ok: false, code, message: error instanceof Error ? error.message : 'no answer' }
  } finally {
    clearTimeout(timer)
  }
}
