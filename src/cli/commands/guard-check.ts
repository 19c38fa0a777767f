import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { readModelFiles } from '../model-files.ts'

export const guardCheck: Command = {
  describe: 'Are the model files whole, and the pinned ones?',
  flags: { folder: { type: 'positional', description: 'Folder of the models (public/models)', required: false } },
  examples: ['maestro guard check', 'maestro guard check dist/site/models --json'],
  async run(context) {
    const folder = context.text('folder') ?? 'public/models'
    const found = await readModelFiles(resolve(context.io.cwd, folder))
    if (found === null) throw new Fault(EXIT.notApplicable, 'MODELS_ABSENT', `${folder} holds no model. That is right while inference is off.`)
    const { files, faults } = found
    const lines = [
      ...files.map(({ file, bytes }) => `${file}  ${bytes} bytes`),
      ...(faults.length === 0 ? ['all whole, and the pinned ones'] : faults.map((fault) => `BROKEN  ${fault}`)),
    ]
    return { data: { ok: faults.length === 0, files, faults }, lines, exit: faults.length === 0 ? EXIT.green : EXIT.red }
  },
}
