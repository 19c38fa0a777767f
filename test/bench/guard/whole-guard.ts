/** All of the guard that a worker carries beside its weights: together at most 64 KiB. */
export { checkPinned } from '../../../src/guard/model-file.ts'
export { decodeModel } from '../../../src/guard/model.ts'
export { GUARD_WEIGHTS } from '../../../src/guard/pins.ts'
export { scoreText } from '../../../src/guard/score.ts'
