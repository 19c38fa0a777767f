import { concatBytes, utf8ToBytes } from '../../../src/base/bytes.ts'
import type { GuardModel } from '../../../src/guard/model.ts'

/** Just enough of protobuf to write one small ONNX graph; numbers are onnx.proto's. */
const varint = (value: number): Uint8Array => {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) | 128 : rest)
    if (rest <= 127) return Uint8Array.from(bytes)
  }
}
const number = (field: number, value: number): Uint8Array => concatBytes(varint(field * 8), varint(value))
const block = (field: number, ...parts: Uint8Array[]): Uint8Array => {
  const body = concatBytes(...parts)
  return concatBytes(varint(field * 8 + 2), varint(body.length), body)
}
const text = (field: number, value: string): Uint8Array => block(field, utf8ToBytes(value))

const FLOAT = 1
const INT8 = 3
const INT64 = 7

const node = (op: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]): Uint8Array =>
  block(1, ...inputs.map((name) => text(1, name)), text(2, output), text(3, output), text(4, op), ...attributes)

const tensor = (name: string, type: number, dims: readonly number[], raw: Uint8Array): Uint8Array =>
  block(5, ...dims.map((dim) => number(1, dim)), number(2, type), text(8, name), block(9, raw))

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)

/** ValueInfoProto of a vector: of `size` elements, or of a named length. */
const vector = (field: number, name: string, type: number, size: number | string): Uint8Array =>
  block(field, text(1, name), block(2, block(1, number(1, type), block(2, block(1, typeof size === 'number' ? number(1, size) : text(2, size))))))

/** The guard's model as ONNX: the weights of the hashed places of one window, times their values, summed, and the logistic of that. */
export function writeOnnx(model: GuardModel): Uint8Array {
  const weights = new Uint8Array(model.weights.buffer, model.weights.byteOffset, model.weights.length)
  const graph = block(
    7,
    node('Gather', ['weights', 'index'], 'steps'),
    node('DequantizeLinear', ['steps', 'scale', 'zero'], 'weight'),
    node('Mul', ['weight', 'value'], 'part'),
    node('ReduceSum', ['part'], 'sum', block(5, text(1, 'keepdims'), number(3, 1), number(20, 2))),
    node('Add', ['sum', 'bias'], 'logit'),
    node('Sigmoid', ['logit'], 'score'),
    text(2, 'maestro_guard'),
    tensor('weights', INT8, [model.weights.length], weights),
    tensor('scale', FLOAT, [], floats(model.scale)),
    tensor('zero', INT8, [], new Uint8Array(1)),
    tensor('bias', FLOAT, [1], floats(model.bias)),
    vector(11, 'index', INT64, 'features'),
    vector(11, 'value', FLOAT, 'features'),
    vector(12, 'score', FLOAT, 1),
  )
  return concatBytes(number(1, 8), text(2, 'maestro-guard-train'), graph, block(8, number(2, 13)))
}
