/** Inference in the worker, for an app's own ONNX models and as the guard's second opinion: `maestro-sw/infer`. Brings ONNX Runtime. */
import type { Features } from '../../src/guard/features.ts'
import type { ModelFile } from '../../src/guard/model-file.ts'
import { GUARD_ONNX } from '../../src/guard/pins.ts'
import { createCacheModelFiles } from '../adapters/cache-model-files.ts'
import { createOnnxInference } from '../adapters/onnx-inference.ts'
import type { Second } from '../runtime/guard-opinion.ts'
import { createInfer } from '../runtime/infer-kit.ts'
import { createModels } from '../runtime/infer-models.ts'
import type { Kit } from '../runtime/kit.ts'

export type InferOptions = {
  /** Where the app serves `ort-wasm-simd-threaded.wasm` of its onnxruntime-web, same origin. */
  readonly wasm: string
  /** By the name `infer` is given: the file in the app's `/models`, its SHA-256 in hex and its size in bytes. */
  readonly models: Readonly<Record<string, ModelFile>>
}

/** Commands `infer { model, inputs }` and `models`. A model that cannot be had is off with a coded reason; the app goes on. */
export const infer = ({ wasm, models }: InferOptions): Kit =>
  createInfer((elapsed) => createModels(models, { files: createCacheModelFiles(), inference: createOnnxInference(wasm), elapsed }))

/**
 * The guard's own model as ONNX, for `guard({ second: guardModel(wasm) })`: gives `null` where it cannot run. It is fetched when the worker is installed, and no
 * agent's call waits for it longer than for any flag.
 */
export function guardModel(wasm: string): Second {
  const files = createCacheModelFiles()
  const models = createModels({ guard: GUARD_ONNX }, { files, inference: createOnnxInference(wasm), elapsed: () => performance.now() })
  const score = async ({ index, value }: Features): Promise<number | null> => {
    const done = await models.run('guard', {
      index: { type: 'int64', dims: [index.length], data: [...index] },
      value: { type: 'float32', dims: [value.length], data: [...value] },
    })
    return done.ok ? (done.value['score']?.data[0] ?? null) : null
  }
  return Object.assign(score, { fetch: () => files.read(GUARD_ONNX) })
}
