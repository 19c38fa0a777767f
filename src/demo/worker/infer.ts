/// <reference lib="webworker" />
/** The demo's worker with ONNX Runtime in it: the guard has a second opinion, and pages may run the same model. */
import { GUARD_ONNX } from '../../guard/pins.ts'
import { guard } from '../../../sw/boot/guard.ts'
import { createMaestro } from '../../../sw/boot/index.ts'
import { guardModel, infer } from '../../../sw/boot/infer.ts'
import { keepAppShell } from './app-shell.ts'
import { demoOptions } from './options.ts'

const WASM = '/ort-wasm-simd-threaded.wasm'

keepAppShell()
createMaestro(demoOptions([guard({ second: guardModel(WASM) }), infer({ wasm: WASM, models: { guard: GUARD_ONNX } })]))
