import { own } from '../../base/own.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { OLD_NAMES } from '../old-names.ts'

export const script: Command = {
  describe: 'What a script name of an older runbook is here; 7 where there is nothing like it',
  flags: { name: { type: 'positional', description: 'The script’s name', required: true } },
  examples: ['maestro script emergency-rollback.sh', 'maestro script switch-traffic.sh   # ends with 7'],
  async run(context) {
    const given = context.text('name') ?? ''
    const name = given.split('/').at(-1) ?? given
    const found = own(OLD_NAMES, name)
    if (found === undefined) throw new Fault(EXIT.usage, 'SCRIPT_UNKNOWN', `No runbook names "${name}".`)
    if ('none' in found) throw new Fault(EXIT.notApplicable, 'NOT_APPLICABLE', `${name}: ${found.none}.`)
    return { data: { name, use: found.use }, lines: [found.use] }
  },
}
