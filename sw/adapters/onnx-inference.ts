/** ONNX Runtime's plain WebAssembly build, on one thread: what a service worker can run. Only the opt-in entry `maestro-sw/infer` brings it. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { err, ok } from '../../src/base/result.ts'
import type { Inference, TensorData, Tensors } from '../ports/inference.ts'

const toTensor = ({ type, dims, data }: TensorData): Tensor => {
  if (type === 'float32') return new Tensor('float32', Float32Array.from(data), dims)
  if (type === 'float64') return new Tensor('float64', Float64Array.from(data), dims)
  if (type === 'int32') return new Tensor('int32', Int32Array.from(data), dims)
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(data, BigInt), dims)
  if (type === 'uint8') return new Tensor('uint8', Uint8Array.from(data), dims)
  return new Tensor('bool', Uint8Array.from(data), dims)
}

const fromTensor = (tensor: Tensor): TensorData => ({
  type: tensor.type as TensorData['type'],
  dims: [...tensor.dims],
  data: Array.from(tensor.data as ArrayLike<number | bigint>, Number),
})

/** @param wasmUrl where the app serves `ort-wasm-simd-threaded.wasm` of the installed onnxruntime-web. Fetched with the first model, and only then. */
export function createOnnxInference(wasmUrl: string): Inference {
  env.wasm.numThreads = 1
  env.wasm.proxy = false
  env.wasm.wasmPaths = { wasm: wasmUrl }
  return {
    async load(bytes) {
      try {
        const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 })
        return ok({
          async run(inputs: Tensors) {
            const feeds = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, toTensor(data)]))
            const results = await session.run(feeds)
            return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor as Tensor)]))
          },
          release: () => session.release(),
        })
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        // The runtime's own file that does not load is no fault of the model.
        const isModel = /protobuf|model|graph|opset|operator|node/i.test(message) && !/wasm|webassembly|backend/i.test(message)
        return err({ trouble: isModel ? ('MODEL_MALFORMED' as const) : ('RUNTIME_FAILED' as const), message: message.slice(0, 200) })
      }
    },
  }
}
