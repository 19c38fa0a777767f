import { own } from '../../base/own.ts'
import { ask } from '../ask.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { packageFile } from '../package-root.ts'

type Step = {
  readonly phase: string
  readonly within: string
  readonly does: string
  readonly command: string
  readonly verify: string
  readonly undo: string
}

const PLAN: readonly Step[] = [
  {
    phase: '1 stop',
    within: '5 minutes',
    does: 'Stops every client; waiting work is held, nothing is erased',
    command: 'maestro kill set kill --reason "rollback" --incident INC-…',
    verify: 'maestro rollback verify --phase stop',
    undo: 'maestro kill clear --confirm run',
  },
  {
    phase: '1 deploy off',
    within: '5 minutes',
    does: 'Deploys the build with VITE_MAESTRO_ENABLED=false (any value but true); sets the same for the functions',
    command: 'supabase secrets set VITE_MAESTRO_ENABLED=false   # and redeploy the site with it',
    verify: 'curl https://YOUR-SITE/maestro-health   # {"status":"disabled","maestro_enabled":false}',
    undo: 'supabase secrets set VITE_MAESTRO_ENABLED=true   # and redeploy',
  },
  {
    phase: '2 client state',
    within: '1 hour',
    does: 'Removes MAESTRO’s databases, caches and keys from a browser; tells what would be lost before',
    command: 'maestro rollback clear-client   # prints the script for a page or its console',
    verify: '(await indexedDB.databases()).some(({ name }) => name.startsWith("maestro_"))   // false',
    undo: 'none: what was unsent is gone. Before: "Take unsent work with you" in the outbox panel',
  },
  {
    phase: '3 database',
    within: '4 hours',
    does: 'Keeps the tables and marks them INERT (recommended), or drops them',
    command: 'maestro rollback inert --confirm inert   # or: maestro rollback drop-database, which names the database to confirm',
    verify: 'maestro rollback verify --phase inert   # or: --phase dropped',
    undo: 'maestro rollback inert --undo --confirm inert   # or: supabase db push --include-all',
  },
  {
    phase: '4 code',
    within: '4 hours',
    does: 'Takes the integration out: one import in the page, one worker file',
    command: 'git log --grep="MAESTRO\\|maestro" --oneline   # then git revert those',
    verify: 'your own tests',
    undo: 'git revert the reverts',
  },
]

export const rollbackPlan: Command = {
  describe: 'The phases, each with its command, its check and its way back',
  examples: ['maestro rollback plan', 'maestro rollback plan --json'],
  run: async () => ({
    data: { steps: PLAN },
    lines: PLAN.flatMap((step) => [
      `${step.phase} (within ${step.within}): ${step.does}`,
      `  do      ${step.command}`,
      `  verify  ${step.verify}`,
      `  undo    ${step.undo}`,
    ]),
  }),
}

type Seen = { readonly name: string; readonly ok: boolean; readonly why: string }

/** The database's state. What cannot be read there is null. */
const stateOf = async (context: Context): Promise<Record<string, unknown>> =>
  (await ask(context.io, await context.target(), '/maestro-health/ops/state', { operator: true })).body

const LOOKS: Readonly<Record<string, (context: Context) => Promise<readonly Seen[]>>> = {
  stop: async (context) => {
    const { body } = await ask(context.io, await context.target(), '/maestro-health', { also: [503] })
    const ok = body['status'] === 'disabled'
    return [{ name: 'health says disabled', ok, why: JSON.stringify(body) }]
  },
  quiet: async (context) => {
    const count = (await stateOf(context))['audit_last_hour']
    const why = typeof count === 'number' ? `${count} entries` : 'the audit log cannot be read: is it there?'
    return [{ name: 'no audit entry in the last hour', ok: count === 0, why }]
  },
  inert: async (context) => {
    const tables = Object.entries(((await stateOf(context))['tables'] ?? {}) as Record<string, { there: boolean; inert: boolean }>)
    return [
      {
        name: 'the tables stand and say INERT',
        ok: tables.length > 0 && tables.every(([, one]) => one.there && one.inert),
        why: JSON.stringify(Object.fromEntries(tables)),
      },
    ]
  },
  dropped: async (context) => {
    const { standing } = await stateOf(context)
    const names = Array.isArray(standing) ? standing.map(String) : null
    const why = names === null ? 'the server does not say what stands: deploy its newest functions' : names.join(', ') || 'the server finds none'
    return [{ name: 'the tables and functions are gone', ok: names?.length === 0, why }]
  },
  enabled: async (context) => {
    const { body } = await ask(context.io, await context.target(), '/maestro-health', { also: [503] })
    const probe =
      body['status'] === 'healthy'
        ? await ask(context.io, await context.target(), '/maestro-health/ops/probe', { method: 'POST', operator: true })
        : null
    const claims = probe !== null && ['granted', 'held', 'completed', 'idempotent'].every((step) => probe.body[step] === true)
    return [
      { name: 'health says healthy', ok: body['status'] === 'healthy', why: JSON.stringify(body) },
      { name: 'receipts de-duplicate', ok: claims, why: JSON.stringify(probe?.body ?? null) },
    ]
  },
}

export const rollbackVerify: Command = {
  describe: 'Is a phase done? Red when it is not',
  flags: { phase: { type: 'string', description: `${Object.keys(LOOKS).join(', ')} (stop)`, valueHint: 'phase' } },
  examples: [
    'maestro rollback verify',
    'maestro rollback verify --phase quiet',
    'maestro rollback verify --phase dropped',
    'maestro rollback verify --phase enabled   # after re-enabling',
  ],
  async run(context) {
    const phase = context.text('phase') ?? 'stop'
    const look = own(LOOKS, phase)
    if (look === undefined) throw new Fault(EXIT.usage, 'PHASE_UNKNOWN', `"${phase}" is none of ${Object.keys(LOOKS).join(', ')}.`)
    const seen = await look(context)
    const ok = seen.every((one) => one.ok)
    return {
      data: { phase, ok, seen },
      lines: seen.map((one) => `${one.ok ? 'yes' : 'NO '}  ${one.name}: ${one.why}`),
      exit: ok ? EXIT.green : EXIT.red,
    }
  },
}

export const rollbackClearClient: Command = {
  describe: 'Prints the script that removes MAESTRO from one browser: nothing here can reach into a browser',
  examples: ['maestro rollback clear-client', 'maestro rollback clear-client > clear.js   # serve it from the disabled site to reach everybody'],
  async run() {
    const script = await packageFile('supabase/ops/clear-client-state.js')
    return { data: { script }, lines: script.trimEnd().split('\n') }
  },
}
