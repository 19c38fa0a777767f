import { err, ok, type Result } from '../base/result.ts'
import { BUCKETS } from './features.ts'

/** The linear model: one signed byte for each place of the hash table, and what turns it into a decision. */
export type GuardModel = {
  readonly weights: Int8Array
  /** What one step of a weight is worth. */
  readonly scale: number
  readonly bias: number
  /** From this score on a text is taken for an attack: the lane rises to YELLOW. Chosen when the model was made, 0 to 1. */
  readonly threshold: number
  /** From this score on benign texts are next to none: the lane rises to RED. */
  readonly certain: number
}

/**
 * The file: `MGW1`, then little-endian uint32 number of weights, float32 scale, bias, threshold, certain, then the weights. Exactly that long.
 */
const MAGIC = [0x4d, 0x47, 0x57, 0x31]
const HEADER = 24
export const MODEL_BYTES = HEADER + BUCKETS

export function encodeModel(model: GuardModel): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER + model.weights.length)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  view.setUint32(4, model.weights.length, true)
  for (const [i, number] of [model.scale, model.bias, model.threshold, model.certain].entries()) view.setFloat32(8 + 4 * i, number, true)
  bytes.set(new Uint8Array(model.weights.buffer, model.weights.byteOffset, model.weights.length), HEADER)
  return bytes
}

/** @returns the model, or in words what is wrong with the file. */
export function decodeModel(bytes: Uint8Array): Result<GuardModel, string> {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return err('this is no file of guard weights')
  if (bytes.length !== MODEL_BYTES) return err(`guard weights of ${bytes.length} bytes instead of ${MODEL_BYTES}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(4, true) !== BUCKETS) return err('guard weights for another number of places')
  const [scale, bias, threshold, certain] = [8, 12, 16, 20].map((at) => view.getFloat32(at, true)) as [number, number, number, number]
  const rounded = (share: number): number => Math.round(share * 10_000) / 10_000
  const isSane = scale > 0 && Number.isFinite(scale) && Number.isFinite(bias) && threshold > 0 && threshold <= certain && certain <= 1
  if (!isSane) return err('guard weights with impossible numbers')
  return ok({
    weights: new Int8Array(bytes.buffer, bytes.byteOffset + HEADER, BUCKETS).slice(),
    scale,
    bias,
    threshold: rounded(threshold),
    certain: rounded(certain),
  })
}
