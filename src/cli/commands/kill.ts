import { ask } from '../ask.ts'
import type { Asked } from '../ask.ts'
import type { Answer, Command, Context } from '../command.ts'
import { confirmed, confirmFlag } from '../confirm.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { flip, readFlag } from '../flip.ts'
import type { Flip } from '../flip.ts'

const ACTIONS = ['readonly', 'drain', 'kill', 'safe-worker'] as const
const WHY = {
  reason: { type: 'string', description: 'Why, for whoever reads the document', valueHint: 'text' },
  incident: { type: 'string', description: 'The incident’s name', valueHint: 'id' },
} as const
const RESUME = {
  'resume-key': { type: 'string', description: 'The operator’s private key, where the server does not hold it', valueHint: 'path' },
} as const
const SCOPE = {
  tenant: { type: 'string', description: 'For this tenant only', valueHint: 'id' },
  action: { type: 'string', description: 'For actions of this name only; may end in *', valueHint: 'name' },
  agent: { type: 'string', description: 'For this agent only; * is any agent', valueHint: 'name' },
} as const

const pick = (context: Context, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (context.text(name) === null ? [] : [[name, context.text(name) ?? '']])))

const told = ({ body }: Asked): Answer => {
  const { document: _, resumed: __, ...plain } = body
  return {
    data: body,
    lines: [
      `version ${String(body['version'])}: ${String(body['action'])}`,
      ...Object.entries(plain).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ],
  }
}

/** Coverage by signed acknowledgements; null where this server has none. */
const coverage = async (context: Context): Promise<Record<string, unknown> | null> => {
  try {
    return (await ask(context.io, await context.target(), '/maestro-flag/coverage', { operator: true })).body
  } catch (error) {
    if (error instanceof Fault && ['ROUTE_UNKNOWN', 'KEY_MISSING'].includes(error.code)) return null
    throw error
  }
}

export const killStatus: Command = {
  describe: 'The document in force, and who has proven it; degraded while anything is stopped, stale when it can no longer be accepted',
  examples: ['maestro kill status', 'maestro kill status --json'],
  async run(context) {
    const flag = await readFlag(context)
    const proven = await coverage(context)
    const { data, lines } = told(flag)
    const expired = Date.parse(String(flag.body['expires'])) <= context.io.now()
    const running = flag.body['action'] === 'run' && flag.body['scopes'] === undefined && flag.body['raise'] === undefined
    const obeyed =
      proven === null
        ? []
        : [`proven by ${String(proven['proven'])} of ${String(proven['devices'])} devices seen within ${String(proven['within_s'])} s`]
    return {
      data: { ...(data as object), coverage: proven },
      lines: [...lines, ...obeyed, ...(expired ? ['This document has expired: clients keep a stop, but accept no run from it.'] : [])],
      exit: expired ? EXIT.stale : running ? EXIT.green : EXIT.degraded,
    }
  },
}

const RANK: Readonly<Record<string, number>> = { run: 0, readonly: 1, drain: 1, kill: 2, 'safe-worker': 3 }

/** Stopping asks nothing. What replaces a stop by something weaker, by another kind of stop, or by one for some only, lets work run again and asks for the word. */
const confirmedWhereItLoosens = async (context: Context, { action, scopes }: Flip): Promise<void> => {
  const now = String((await readFlag(context)).body['action'])
  const [before, after] = [RANK[now] ?? 0, RANK[action] ?? 0]
  if (after < before || (before > 0 && (scopes !== undefined || (after === before && now !== action))))
    confirmed(context, 'run', `"${now}" is in force for everybody: this lets work run again that it holds.`)
}

export const killSet: Command = {
  describe: `Stops: ${ACTIONS.join(', ')}. Waiting work is held, nothing is erased`,
  flags: {
    state: { type: 'positional', description: ACTIONS.join(' | '), required: true },
    ...WHY,
    ...SCOPE,
    raise: { type: 'string', description: 'With run: no lane below this one (YELLOW, RED, BLOCKED)', valueHint: 'lane' },
    percent: { type: 'string', description: 'With run: for so many percent of the people only, the same ones each time', valueHint: '0…100' },
    salt: { type: 'string', description: 'Which people --percent chooses (default "rollout")', valueHint: 'text' },
    ...RESUME,
    confirm: { ...confirmFlag('run'), description: 'The word "run", typed, where this would loosen what is in force' },
  },
  examples: [
    'maestro kill set kill --reason "double payments" --incident INC-7',
    'maestro kill set drain --tenant acme',
    'maestro kill set run --raise RED --reason "everything asks"',
    'maestro kill set run --percent 10   # enable gradually; raise it step by step',
  ],
  async run(context) {
    const state = context.text('state') ?? ''
    const [raise, percent] = [context.text('raise'), context.text('percent')]
    if (![...ACTIONS, 'run'].includes(state)) throw new Fault(EXIT.usage, 'ACTION_UNKNOWN', `"${state}" is none of ${ACTIONS.join(', ')}.`)
    if (state === 'run' && raise === null && percent === null)
      throw new Fault(EXIT.usage, 'USE_CLEAR', 'To let everything run again: maestro kill clear --confirm run')
    if (percent !== null && (!/^\d{1,3}$/.test(percent) || Number(percent) > 100))
      throw new Fault(EXIT.usage, 'ARGUMENT_INVALID', '--percent is a whole number from 0 to 100.')
    const scope = pick(context, ['tenant', 'action', 'agent'])
    const wanted: Flip = {
      action: state,
      ...(Object.keys(scope).length === 0 ? {} : { scopes: [scope] }),
      ...(raise === null ? {} : { raise }),
      ...(percent === null ? {} : { rollout: { percent: Number(percent), salt: context.text('salt') ?? 'rollout' } }),
      ...pick(context, ['reason', 'incident']),
    }
    await confirmedWhereItLoosens(context, wanted)
    return told(await flip(context, wanted))
  },
}

export const killClear: Command = {
  describe: 'Lets everything run again; held work goes on, each once',
  flags: { ...WHY, ...RESUME, confirm: confirmFlag('run') },
  examples: ['maestro kill clear --confirm run', 'maestro kill clear --confirm run --resume-key ~/maestro-resume.key --incident INC-7'],
  async run(context) {
    confirmed(context, 'run', 'This lets all clients run again.')
    return told(await flip(context, { action: 'run', ...pick(context, ['reason', 'incident']) }))
  },
}

const LOOK_MS = 50
const PATIENCE_MS = 10_000

const until = async (context: Context, status: string): Promise<number> => {
  const began = context.io.now()
  for (;;) {
    const { body } = await ask(context.io, await context.target(), '/maestro-health', { also: [503] })
    const ms = Math.round(context.io.now() - began)
    if (body['status'] === status) return ms
    if (ms > PATIENCE_MS) throw new Fault(EXIT.red, 'DRILL_FAILED', `After ${ms} ms health still says ${String(body['status'])}, not ${status}.`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

export const killDrill: Command = {
  describe: 'Kills, waits until health says disabled, resumes, waits until healthy; times each and leaves a record that doctor reads',
  flags: { ...RESUME, confirm: confirmFlag('drill') },
  examples: ['maestro kill drill --confirm drill', 'maestro kill drill --confirm drill --json'],
  async run(context) {
    confirmed(context, 'drill', 'This stops all clients for a moment.')
    const before = await readFlag(context)
    if (before.body['action'] !== 'run')
      throw new Fault(EXIT.refused, 'ALREADY_STOPPED', `The document in force says ${String(before.body['action'])}: no time for a drill.`)
    const incident = `DRILL-${new Date(context.io.now()).toISOString().slice(0, 10)}`
    const kept = Object.fromEntries(
      ['scopes', 'raise', 'rollout'].flatMap((name) => (before.body[name] === undefined ? [] : [[name, before.body[name]]])),
    )
    await flip(context, { action: 'kill', reason: 'drill', incident })
    let killedMs = -1
    try {
      killedMs = await until(context, 'disabled')
    } finally {
      await flip(context, { action: 'run', ...kept, reason: 'drill over', incident })
    }
    const resumedMs = await until(context, 'healthy')
    const data = { incident, disabled_after_ms: killedMs, healthy_after_ms: resumedMs }
    return { data, lines: [`disabled after ${killedMs} ms, healthy again after ${resumedMs} ms (${incident})`] }
  },
}
