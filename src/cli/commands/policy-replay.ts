import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import type { Json } from '../../base/json.ts'
import { DOES, ROLES } from '../../policy/declared.ts'
import type { Declared } from '../../policy/declared.ts'
import { parsePolicy } from '../../policy/parse-policy.ts'
import { replayPolicy } from '../../policy/replay-policy.ts'
import type { Recorded } from '../../policy/replay-policy.ts'
import { LANES } from '../../protocol/views.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'

const DeclaredSchema = v.record(
  v.string(),
  v.object({
    name: v.string(),
    does: v.exactOptional(v.picklist(DOES)),
    roles: v.exactOptional(v.record(v.string(), v.picklist(ROLES))),
    stays: v.exactOptional(v.boolean()),
  }),
)
const RecordedSchema = v.object({
  id: v.string(),
  action: v.string(),
  agent: v.nullable(v.string()),
  params: v.record(v.string(), v.unknown()),
  at: v.number(),
  lane: v.picklist(LANES),
})

const read = async (context: Context, flag: string): Promise<string> => {
  const path = context.text(flag)
  if (path === null) throw new Fault(EXIT.usage, 'ARGUMENT_MISSING', `Give --${flag} FILE.`)
  return readFile(resolve(context.io.cwd, path), 'utf8').catch(() => {
    throw new Fault(EXIT.usage, 'FILE_UNREADABLE', `${path} cannot be read.`)
  })
}

const parsed = <S extends v.GenericSchema>(schema: S, text: string, what: string): v.InferOutput<S> => {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text)
  if (result.success) return result.output
  throw new Fault(EXIT.usage, 'FILE_INVALID', `${what} is wrong at ${v.getDotPath(result.issues[0]) ?? 'its JSON'}.`)
}

const FILE = (what: string) => ({ type: 'string', description: what, valueHint: 'path' }) as const

export const policyReplay: Command = {
  describe: 'What another policy would have said of recorded calls; the files stay on this machine',
  flags: {
    policy: FILE('The policy, JSON'),
    receipts: FILE('Recorded calls, one JSON object a line: id, action, agent, params, at, lane'),
    actions: FILE('The declared actions, JSON by name: name, does, roles'),
  },
  examples: [
    'maestro policy replay --policy next.json --receipts calls.jsonl --actions actions.json',
    'maestro policy replay --policy next.json --receipts calls.jsonl --actions actions.json --json',
  ],
  async run(context) {
    const policy = parsePolicy(parsed(v.unknown(), await read(context, 'policy'), 'The policy') as Json, context.io.now())
    if (!policy.ok) throw new Fault(EXIT.usage, policy.error.code, `The policy is refused: ${policy.error.field} ${policy.error.message}.`)
    const actions: Readonly<Record<string, Declared>> = parsed(DeclaredSchema, await read(context, 'actions'), 'The file of actions')
    const lines = (await read(context, 'receipts')).split('\n').filter((line) => line.trim() !== '')
    const receipts = lines.map((line, index) => parsed(RecordedSchema, line, `Line ${index + 1} of the receipts`)) as unknown as readonly Recorded[]
    const report = replayPolicy(policy.value, actions, receipts)
    const { wouldRun, wouldAsk, wouldBlock, changes } = report
    return {
      data: report,
      lines: [
        `${receipts.length} calls: ${wouldRun} would run, ${wouldAsk} would ask, ${wouldBlock} would be blocked; ${changes.length} change`,
        ...changes.map((change) => `${change.from} → ${change.to}  ${change.action}  ${change.id}: ${change.reasons.join('; ')}`),
      ],
    }
  },
}
