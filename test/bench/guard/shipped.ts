import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { decodeModel, type GuardModel } from '../../../src/guard/model.ts'
import { checkPinned } from '../../../src/guard/model-file.ts'
import { GUARD_WEIGHTS } from '../../../src/guard/pins.ts'

export const MODELS = fileURLToPath(new URL('../../../public/models/', import.meta.url))

/** The weights that ship, checked as the worker checks them. */
export async function shippedModel(): Promise<GuardModel> {
  const bytes = await readFile(`${MODELS}${GUARD_WEIGHTS.file}`)
  const trouble = checkPinned(bytes, GUARD_WEIGHTS)
  if (trouble !== null) throw new Error(`${GUARD_WEIGHTS.file}: ${trouble}`)
  const model = decodeModel(bytes)
  if (!model.ok) throw new Error(model.error)
  return model.value
}
