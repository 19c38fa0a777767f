import type { ModelFile } from './model-file.ts'

/** Written by `npm run guard:train`, together with the files. */
const pin = (file: string, sha256: string, bytes: number): ModelFile => ({ file, sha256, bytes })

export const GUARD_WEIGHTS = pin('guard.bin', '2b7320314aaa5327ea00ad2724edc21e2d67848c58423cf7aa37e3608da10fac', 32792)
export const GUARD_ONNX = pin('guard.onnx', '7113dfe356d76d0bbeb43c3dad12ee9fc64768fb558ba11595e2d3e3598523bf', 33204)
