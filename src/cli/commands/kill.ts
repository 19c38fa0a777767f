import { ask } from '../ask.ts'
import type { Asked } from '../ask.ts'
import type { Answer, Command, Context } from '../command.ts'
import { confirmed, confirmFlag } from '../confirm.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { flip, isStricter, readFlag } from '../flip.ts'
import type { Flip } from '../flip.ts'
import { inForceIn, sayInForce, sayTerms } from '../in-force.ts'
import type { InForce, KillTerms } from '../in-force.ts'

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
  const { document: _, resumed: __, terms: ___, ...plain } = body
  return {
    data: body,
    lines: [
      `version ${String(body['version'])}: ${sayTerms(inForceIn(body).terms)}`,
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

const MISSING_MAX = 10

/** Who has not proven it, and what they said last. */
const missing = (unproven: unknown): readonly string[] =>
  (Array.isArray(unproven) ? (unproven as readonly Record<string, unknown>[]) : [])
    .slice(0, MISSING_MAX)
    .map(({ tenant, device, proven_version: of, state }) => {
      const said = of === null ? 'nothing yet' : `"${String(state)}" at version ${String(of)}`
      return `  not by ${String(device)} of ${String(tenant)}: it says ${said}`
    })

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
        : [
            `proven by ${String(proven['proven'])} of ${String(proven['devices'])} devices seen within ${String(proven['within_s'])} s`,
            ...missing(proven['unproven']),
          ]
    return {
      data: { ...(data as object), coverage: proven },
      lines: [
        ...lines,
        ...obeyed,
        ...(expired ? ['This document has expired: clients keep a stop, but accept no run from it. To say it again: maestro kill renew'] : []),
      ],
      exit: expired ? EXIT.stale : running ? EXIT.green : EXIT.degraded,
    }
  },
}

const inForce = async (context: Context): Promise<InForce> => inForceIn((await readFlag(context)).body)

/** Stopping asks nothing. What would let anything run again that is held now asks for the word, and says what is held. */
const confirmedWhereItLoosens = (context: Context, wanted: Flip, seen: InForce): void => {
  if (isStricter(wanted, seen)) return
  confirmed(
    context,
    'run',
    `${sayInForce(seen)} Only the newest document counts: ${sayTerms(wanted)} would take its place, and what that holds and this does not would run again.`,
  )
}

/** Whom it is for, beside those whom the same stop is for already. */
const beside = ({ terms }: InForce, wanted: KillTerms): KillTerms => {
  if (
    terms.scopes === undefined ||
    wanted.scopes === undefined ||
    terms.action !== wanted.action ||
    terms.raise !== wanted.raise ||
    terms.rollout !== undefined
  )
    throw new Fault(EXIT.refused, 'NOTHING_TO_ADD_TO', `What is in force is not the same for some only: it is ${sayTerms(terms)}.`)
  return { ...wanted, scopes: [...terms.scopes, ...wanted.scopes] }
}

export const killSet: Command = {
  describe: `Stops: ${ACTIONS.join(', ')}. Waiting work is held, nothing is erased`,
  flags: {
    state: { type: 'positional', description: ACTIONS.join(' | '), required: true },
    ...WHY,
    ...SCOPE,
    add: {
      type: 'boolean',
      description: 'Beside those whom the same stop is for already; without it the newest document takes the place of the last',
    },
    raise: { type: 'string', description: 'With run: no lane below this one (YELLOW, RED, BLOCKED)', valueHint: 'lane' },
    percent: { type: 'string', description: 'With run: for so many percent of the people only, the same ones each time', valueHint: '0…100' },
    salt: { type: 'string', description: 'Which people --percent chooses (default "rollout")', valueHint: 'text' },
    ...RESUME,
    confirm: { ...confirmFlag('run'), description: 'The word "run", typed, where this would loosen what is in force' },
  },
  examples: [
    'maestro kill set kill --reason "double payments" --incident INC-7',
    'maestro kill set drain --tenant acme',
    'maestro kill set drain --tenant other --add   # both',
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
    const terms = {
      action: state as KillTerms['action'],
      ...(Object.keys(scope).length === 0 ? {} : { scopes: [scope] }),
      ...(raise === null ? {} : { raise: raise as NonNullable<KillTerms['raise']> }),
      ...(percent === null ? {} : { rollout: { percent: Number(percent), salt: context.text('salt') ?? 'rollout' } }),
    }
    const seen = await inForce(context)
    const wanted: Flip = { ...(context.on('add') ? beside(seen, terms) : terms), ...pick(context, ['reason', 'incident']) }
    confirmedWhereItLoosens(context, wanted, seen)
    return told(await flip(context, wanted, seen))
  },
}

export const killClear: Command = {
  describe: 'Lets everything run again; held work goes on, each once',
  flags: { ...WHY, ...RESUME, confirm: confirmFlag('run') },
  examples: ['maestro kill clear --confirm run', 'maestro kill clear --confirm run --resume-key ~/maestro-resume.key --incident INC-7'],
  async run(context) {
    const seen = await inForce(context)
    confirmed(context, 'run', `${sayInForce(seen)} This lets all clients run again.`)
    return told(await flip(context, { action: 'run', ...pick(context, ['reason', 'incident']) }, seen))
  },
}

export const killRenew: Command = {
  describe: 'Says again what is in force, for another week: what the resume key signed runs out, and then nothing new runs',
  flags: RESUME,
  examples: ['maestro kill renew --resume-key ~/maestro-resume.key   # weekly'],
  async run(context) {
    const { body } = await readFlag(context)
    const seen = inForceIn(body)
    const why = Object.fromEntries(['reason', 'incident'].flatMap((name) => (typeof body[name] === 'string' ? [[name, body[name]]] : [])))
    return told(await flip(context, { ...seen.terms, ...why }, seen))
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
    const before = await inForce(context)
    const { action, scopes, raise, rollout } = before.terms
    if (action !== 'run' || scopes !== undefined || raise !== undefined)
      throw new Fault(EXIT.refused, 'ALREADY_STOPPED', `${sayInForce(before)} That is no time for a drill.`)
    const incident = `DRILL-${new Date(context.io.now()).toISOString().slice(0, 10)}`
    const killed = inForceIn((await flip(context, { action: 'kill', reason: 'drill', incident }, before)).body)
    let killedMs = -1
    try {
      killedMs = await until(context, 'disabled')
    } finally {
      // Over the drill's own stop only: one that another operator put in force meanwhile is meant.
      await flip(context, { action: 'run', ...(rollout === undefined ? {} : { rollout }), reason: 'drill over', incident }, killed)
    }
    const resumedMs = await until(context, 'healthy')
    const data = { incident, disabled_after_ms: killedMs, healthy_after_ms: resumedMs }
    return { data, lines: [`disabled after ${killedMs} ms, healthy again after ${resumedMs} ms (${incident})`] }
  },
}
