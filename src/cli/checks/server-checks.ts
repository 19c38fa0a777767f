import { ask } from '../ask.ts'
import type { Context } from '../command.ts'
import { migrationState } from '../migration-state.ts'
import { fail, pass, skip, warn } from './check.ts'
import type { Check } from './check.ts'

const PROBE = ['granted', 'held', 'completed', 'idempotent']

const state = async (context: Context) => (await ask(context.io, await context.target(), '/maestro-health/ops/state', { operator: true })).body
const verbose = async (context: Context) => (await ask(context.io, await context.target(), '/maestro-health?verbose', { also: [503] })).body

/** What is deployed, asked over the network. Faults of asking are the doctor's to tell. */
export const SERVER_CHECKS: readonly Check[] = [
  {
    name: 'network',
    rows: ['1-55'],
    asks: 'the server’s address can be reached from here',
    async run({ context }) {
      const { url } = await context.target()
      try {
        const { status } = await context.io.fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
        return pass(`${url} answers (${status})`)
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
        return fail(
          `${url} cannot be reached: ${cause instanceof Error ? cause.message || cause.name : 'no answer'}. It is the network, the name or the address`,
        )
      }
    },
  },
  {
    name: 'supabase',
    rows: ['1-55'],
    asks: 'the Supabase service behind the address works',
    async run({ context }) {
      const { url } = await context.target()
      const answer = await context.io
        .fetch(`${url}/auth/v1/.well-known/jwks.json`, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
        .catch(() => null)
      if (answer === null) return fail('it does not answer: see the check "network" first, then status.supabase.com')
      const keys = await answer.json().then(
        (body: unknown) => typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys) && body.keys.length > 0,
        () => false,
      )
      return answer.ok && keys
        ? pass('its sign-in service publishes keys')
        : fail(`its sign-in service answers ${answer.status} without keys: see status.supabase.com, and whether the project is paused`)
    },
  },
  {
    name: 'health',
    rows: ['1-4', '2-26'],
    asks: 'health is good',
    async run({ context }) {
      const { status } = await verbose(context)
      if (status === 'healthy') return pass('healthy')
      return status === 'disabled'
        ? warn('disabled: somebody stopped it, or the deployment is off')
        : fail('unhealthy: the database does not answer, or is not migrated')
    },
  },
  {
    name: 'migrations',
    rows: ['0-24'],
    asks: 'every 20260120… migration is applied',
    async run({ context }) {
      const body = await state(context)
      const { missing, unknown } = await migrationState(body['migrations'])
      const standing = Object.entries(body['tables'] as Record<string, { there: boolean }>).filter(([, { there }]) => !there)
      if (standing.length > 0) return fail(`missing: ${standing.map(([name]) => name).join(', ')}`)
      if (missing.length > 0) return fail(`not recorded: ${missing.join(', ')}; run supabase db push --include-all`)
      return unknown.length > 0 ? warn(`the database is newer than this package: ${unknown.join(', ')}`) : pass('all recorded, all tables stand')
    },
  },
  {
    name: 'kill-expiry',
    rows: ['2-26'],
    asks: 'the kill document in force can be accepted for two days and more',
    async run({ context }) {
      const { body } = await ask(context.io, await context.target(), '/maestro-flag')
      const hours = Math.floor((Date.parse(String(body['expires'])) - context.io.now()) / 3_600_000)
      if (hours >= 48) return pass(`for ${hours} hours`)
      return hours >= 0
        ? warn(`it runs out in ${hours} hours, and then nothing new runs: maestro kill renew`)
        : fail('it has run out: no device runs anything new on it. Say it again: maestro kill renew')
    },
  },
  {
    name: 'claims',
    rows: ['1-51'],
    asks: 'a receipt can be claimed, joined, completed and repeated',
    async run({ context }) {
      const { body } = await ask(context.io, await context.target(), '/maestro-health/ops/probe', { method: 'POST', operator: true })
      const wrong = PROBE.filter((step) => body[step] !== true)
      return wrong.length === 0 ? pass('the ledger did all four, and rolled them back') : fail(`the ledger failed at: ${wrong.join(', ')}`)
    },
  },
  {
    name: 'crypto',
    rows: ['1-51'],
    asks: 'a device has sealed and opened a record today',
    async run({ context, stage }) {
      if ((await verbose(context))['crypto_initialized'] === true) return pass('every device that reported today did')
      return stage === 'production' ? warn('no device has reported it today') : fail('open the app in staging and let one action sync')
    },
  },
  {
    name: 'escalation',
    rows: ['1-51'],
    asks: 'a risky action has asked a person today',
    async run({ context, stage }) {
      const count = Number((await verbose(context))['man_mode_escalations'])
      if (count > 0) return pass(`${count} did`)
      return stage === 'production' ? skip('nothing risky was asked for today') : fail('ask for a RED action in staging, see the dialog, deny it')
    },
  },
  {
    name: 'drill',
    rows: ['1-51', '2-25', '2-26'],
    asks: 'the switch was toggled and taken back within 90 days',
    async run({ context }) {
      const documents = (await state(context))['kill_documents']
      const drills = (Array.isArray(documents) ? (documents as { incident: string | null; action: string; issued: string }[]) : []).filter(
        ({ incident }) => incident?.startsWith('DRILL-'),
      )
      const over = drills.find(({ action, issued }) => action === 'run' && context.io.now() - Date.parse(issued) < 90 * 86_400_000)
      return over === undefined ? fail('no drill is recorded: maestro kill drill --confirm drill') : pass(`${over.incident}`)
    },
  },
  {
    name: 'rollout',
    rows: ['1-52', '2-25'],
    asks: 'enabling is gradual',
    async run({ context }) {
      const { body } = await ask(context.io, await context.target(), '/maestro-flag')
      const rollout = body['rollout'] as { percent: number } | undefined
      if (body['action'] !== 'run') return warn(`the kill document says ${String(body['action'])}`)
      return pass(
        rollout === undefined ? 'on for everybody; begin with: maestro kill set run --percent 10' : `on for ${rollout.percent} % of the people`,
      )
    },
  },
]
