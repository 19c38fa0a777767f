/** Commands `infer` and `models`: an app's own models, as data in and data out. */
import { err, ok } from '../../src/base/result.ts'
import { failure, type Failure, type FailureCode } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { TENSOR_TYPES, type Tensors } from '../ports/inference.ts'
import type { InferTrouble, Models } from './infer-models.ts'
import type { Kit } from './kit.ts'

const isWhole = ({ type }: { type: string }): boolean => !type.startsWith('float')
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint8: [0, 255],
  bool: [0, 1],
}
type TensorIn = { type: (typeof TENSOR_TYPES)[number]; dims: number[]; data: number[] }
const fits = (tensor: TensorIn): boolean => {
  const [low, high] = RANGES[tensor.type] ?? [-Infinity, Infinity]
  return tensor.data.every((number) => number >= low && number <= high && (!isWhole(tensor) || Number.isInteger(number)))
}

const TensorSchema = v.pipe(
  v.strictObject({
    type: v.picklist(TENSOR_TYPES),
    dims: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LIMITS.inferNumbersMax))), v.maxLength(8)),
    data: v.pipe(v.array(v.pipe(v.number(), v.finite())), v.maxLength(LIMITS.inferNumbersMax)),
  }),
  v.check(({ dims, data }) => dims.reduce((product, dim) => product * dim, 1) === data.length, 'the numbers do not fill the shape'),
  v.check(fits, 'a number is outside its type'),
)

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100))
const InferSchema = v.strictObject({
  model: name,
  inputs: v.pipe(
    v.record(name, TensorSchema),
    v.check((inputs) => Object.keys(inputs).length <= 16, 'too many inputs'),
    v.check((inputs) => Object.values(inputs).reduce((sum, { data }) => sum + data.length, 0) <= LIMITS.inferNumbersMax, 'the inputs are too large'),
  ),
})

const CODES: Readonly<Partial<Record<InferTrouble, FailureCode>>> = {
  MODEL_UNREACHABLE: 'MODEL_UNAVAILABLE',
  RUNTIME_FAILED: 'MODEL_UNAVAILABLE',
  QUEUE_FULL: 'MODEL_UNAVAILABLE',
  INPUTS_REFUSED: 'INFERENCE_FAILED',
  OUTPUTS_TOO_LARGE: 'INFERENCE_FAILED',
}

const asFailure = (trouble: InferTrouble, message: string): Failure => failure(CODES[trouble] ?? 'MODEL_REFUSED', `${trouble}: ${message}`)

export const createInfer =
  (open: (elapsed: () => number) => Models): Kit =>
  ({ clock }) => {
    const models = open(() => clock.elapsed())
    return {
      commands: {
        infer: {
          args: InferSchema,
          async run({ model, inputs }: { readonly model: string; readonly inputs: Tensors }) {
            const done = await models.run(model, inputs)
            return done.ok ? done : err(asFailure(done.error.trouble, done.error.message))
          },
        },
        models: { args: v.strictObject({}), run: async () => ok(models.status()) },
      },
    }
  }
