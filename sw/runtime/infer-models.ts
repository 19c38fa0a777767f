/**
 * An app's models: loaded when first asked for, run one after the other.
 *
 * N1 Only pinned files, and only their exact bytes.
 * N2 A model that cannot be had, or that once took too long, is off with a coded reason until the worker starts again; a network that failed is tried again.
 */
import { own } from '../../src/base/own.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { MODEL_TROUBLES, type ModelFile, type ModelTrouble } from '../../src/guard/model-file.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Inference, LoadedModel, Tensors } from '../ports/inference.ts'
import type { ModelFiles } from '../ports/model-files.ts'

export type InferTrouble = ModelTrouble | 'RUNTIME_FAILED' | 'MODEL_SLOW' | 'INPUTS_REFUSED' | 'OUTPUTS_TOO_LARGE' | 'QUEUE_FULL'
export type Inferred = Result<Tensors, { readonly trouble: InferTrouble; readonly message: string }>

export type Models = {
  run(name: string, inputs: Tensors): Promise<Inferred>
  /** Each pinned model: `off` holds why. */
  status(): { readonly name: string; readonly loaded: boolean; readonly off: InferTrouble | null }[]
}

export type ModelDeps = { readonly files: ModelFiles; readonly inference: Inference; readonly elapsed: () => number }

const PASSING: readonly InferTrouble[] = ['MODEL_UNREACHABLE', 'RUNTIME_FAILED']

const within = async <T>(work: Promise<T>, ms: number): Promise<T | 'late'> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ms, 'late')))
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const sizeOf = (tensors: Tensors): number => Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0)

export function createModels(pins: Readonly<Record<string, ModelFile>>, { files, inference, elapsed }: ModelDeps): Models {
  const loaded = new Map<string, LoadedModel>()
  const off = new Map<string, InferTrouble>()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const trouble = (name: string, why: InferTrouble, message: string): Inferred => {
    if (name !== '' && !PASSING.includes(why)) off.set(name, why)
    return err({ trouble: why, message })
  }

  async function load(name: string, pinned: ModelFile): Promise<Result<LoadedModel, { trouble: InferTrouble; message: string }>> {
    const known = loaded.get(name)
    if (known) return ok(known)
    const bytes = await files.read(pinned)
    if (!bytes.ok) return err({ trouble: bytes.error, message: MODEL_TROUBLES[bytes.error] })
    const made = await within(inference.load(bytes.value), LIMITS.modelTimeoutMs)
    if (made === 'late') return err({ trouble: 'RUNTIME_FAILED', message: 'the runtime did not start in time' })
    if (made.ok) loaded.set(name, made.value)
    return made
  }

  async function runNow(name: string, pinned: ModelFile, inputs: Tensors): Promise<Inferred> {
    const why = off.get(name)
    if (why) return err({ trouble: why, message: `the model is off since ${why}` })
    const model = await load(name, pinned)
    if (!model.ok) return trouble(name, model.error.trouble, model.error.message)
    const start = elapsed()
    try {
      const outputs = await within(model.value.run(inputs), LIMITS.inferTimeoutMs)
      if (outputs === 'late' || elapsed() - start > LIMITS.inferTimeoutMs) {
        loaded.delete(name)
        return trouble(name, 'MODEL_SLOW', `one inference takes longer than ${LIMITS.inferTimeoutMs} ms`)
      }
      if (sizeOf(outputs) > LIMITS.inferNumbersMax) return err({ trouble: 'OUTPUTS_TOO_LARGE', message: 'the outputs are too large to hand on' })
      return ok(outputs)
    } catch (error) {
      return err({ trouble: 'INPUTS_REFUSED', message: (error instanceof Error ? error.message : String(error)).slice(0, 200) })
    }
  }

  return {
    async run(name, inputs) {
      const pinned = own(pins, name)
      if (!pinned) return trouble('', 'MODEL_UNKNOWN', MODEL_TROUBLES.MODEL_UNKNOWN)
      if (waiting >= LIMITS.inferQueueMax) return err({ trouble: 'QUEUE_FULL', message: 'too many inferences are waiting' })
      waiting++
      const mine = last.then(() => runNow(name, pinned, inputs)).finally(() => waiting--)
      last = mine
      return mine
    },
    status: () => Object.keys(pins).map((name) => ({ name, loaded: loaded.has(name), off: off.get(name) ?? null })),
  }
}
