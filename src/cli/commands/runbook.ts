import { resolve } from 'node:path'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { OLD_NAMES } from '../old-names.ts'
import type { Playbook } from '../playbook.ts'
import { PLAYBOOKS } from '../playbooks.ts'
import { runSteps } from '../run-playbook.ts'
import { playbookText, runbookText } from '../runbook-text.ts'
import { writeWhole } from '../write-whole.ts'

const NAME = { name: { type: 'positional', description: 'The playbook’s name', required: true } } as const

const named = (context: Context): Playbook => {
  const name = context.text('name')
  const found = PLAYBOOKS.find(({ id }) => id === name)
  if (found === undefined)
    throw new Fault(EXIT.usage, 'RUNBOOK_UNKNOWN', `There is no playbook "${name}". There are: ${PLAYBOOKS.map(({ id }) => id).join(', ')}.`)
  return found
}

const oldNames = (): readonly string[] => [
  '| Name | Here |',
  '| --- | --- |',
  ...Object.entries(OLD_NAMES).map(([name, one]) => `| \`${name}\` | ${'use' in one ? `\`${one.use}\`` : `not applicable: ${one.none}`} |`),
]

export const runbookList: Command = {
  describe: 'The playbooks',
  examples: ['maestro runbook list'],
  run: async () => ({
    data: PLAYBOOKS.map(({ id, title, signs }) => ({ id, title, signs })),
    lines: PLAYBOOKS.map(({ id, title }) => `${id.padEnd(18)}  ${title}`),
  }),
}

export const runbookShow: Command = {
  describe: 'One playbook',
  flags: NAME,
  examples: ['maestro runbook show server-down'],
  async run(context) {
    const playbook = named(context)
    return { data: playbook, lines: playbookText(playbook).split('\n') }
  },
}

export const runbookCheck: Command = {
  describe: 'Runs a playbook’s check part; it changes nothing',
  flags: { ...NAME, tenant: { type: 'string', description: 'Whose audit the checks read (the only one, when there is one)', valueHint: 'id' } },
  examples: ['maestro runbook check server-down', 'maestro runbook check stuck-operations --tenant acme'],
  async run(context) {
    const playbook = named(context)
    const { run } = await import('../run.ts')
    const same = ['url', 'key-file', 'data'].flatMap((flag) => (context.text(flag) === null ? [] : [`--${flag}`, context.text(flag) ?? '']))
    const quietly = { ...context.io, out: () => undefined, err: () => undefined }
    const reports = await runSteps(playbook.check, (words) => run([...words, ...same], quietly), context.text('tenant'))
    const ok = reports.every((report) => report.ok !== false)
    return {
      data: { id: playbook.id, ok, steps: reports },
      lines: reports.map(
        (report) =>
          `${report.ok === null ? 'by hand' : report.ok ? 'ran    ' : 'WRONG  '}  ${report.say}${report.run === undefined ? '' : `  ${report.run} → ${report.exit}`}`,
      ),
      exit: ok ? EXIT.green : EXIT.red,
    }
  },
}

export const runbookWrite: Command = {
  describe: 'Writes the operator’s guide as Markdown',
  flags: { out: { type: 'string', description: 'The file (.github/RUNBOOKS.md)', valueHint: 'path' } },
  examples: ['maestro runbook write'],
  async run(context) {
    const out = context.text('out') ?? '.github/RUNBOOKS.md'
    const bytes = await writeWhole(resolve(context.io.cwd, out), runbookText(PLAYBOOKS, oldNames()))
    return { data: { file: out, bytes }, lines: [`${PLAYBOOKS.length} playbooks in ${out}`] }
  },
}
