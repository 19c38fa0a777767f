import type { Result } from '../../src/base/result.ts'
import type { ModelTrouble } from '../../src/guard/model-file.ts'

export const TENSOR_TYPES = ['float32', 'float64', 'int32', 'int64', 'uint8', 'bool'] as const

/** Numbers and their shape; `int64` as whole numbers that a double can hold, `bool` as 0 and 1. */
export type TensorData = { readonly type: (typeof TENSOR_TYPES)[number]; readonly dims: readonly number[]; readonly data: readonly number[] }
export type Tensors = Readonly<Record<string, TensorData>>

/** A model that is ready. */
export type LoadedModel = {
  /** Rejects when the inputs do not fit the model. */
  run(inputs: Tensors): Promise<Tensors>
  release(): Promise<void>
}

/** What runs models. */
export type Inference = {
  /** Makes a session of a file's bytes; an error is a trouble, with the runtime's words. Does not throw. */
  load(bytes: Uint8Array<ArrayBuffer>): Promise<Result<LoadedModel, { readonly trouble: ModelTrouble | 'RUNTIME_FAILED'; readonly message: string }>>
}
