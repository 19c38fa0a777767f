import { resolve } from 'node:path'
import { readModelFiles } from '../model-files.ts'
import { fail, pass } from './check.ts'
import type { Check } from './check.ts'

/** Inference is off unless the build says so; then no model is needed. */
export const MODEL_CHECK: Check = {
  name: 'models',
  rows: ['0-23'],
  asks: 'every model is whole and the pinned one, where inference is enabled',
  async run({ context, build }) {
    const found = await readModelFiles(resolve(context.io.cwd, context.text('models') ?? 'public/models'))
    if (found === null)
      return build['VITE_MAESTRO_INFERENCE'] === 'true'
        ? fail('VITE_MAESTRO_INFERENCE is "true", and there is no model')
        : pass('inference is off, and no model is needed')
    const { files, faults } = found
    return faults.length > 0 ? fail(faults.join('; ')) : pass(files.map(({ file, bytes }) => `${file} (${bytes} bytes)`).join(', '))
  },
}
