import { expect, test } from 'vitest'
import { migrate } from '../../supabase/local/migrate.ts'
import { cli } from '../support/cli.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const at = fileStack()
const fetchStack: typeof fetch = async (input, init) => (await at.stack.handle(new Request(input as string, init))) ?? new Response('')
const maestro = (...argv: readonly string[]) => cli({ fetch: fetchStack, env: { MAESTRO_DATA: at.stack.dataDir } })(...argv)
const objects = async () => {
  const [row] = await at.stack.sql`select
    (select count(*)::int from pg_class where relnamespace = 'public'::regnamespace and relname like 'maestro%') as tables,
    (select count(*)::int from pg_proc where pronamespace = 'public'::regnamespace and proname like 'maestro%') as functions,
    (select count(*)::int from supabase_migrations.schema_migrations) as migrations`
  return row
}
const repeats = async (key: string) => (await sync(at.stack, at.token, { claims: [aClaim(key)] })).claims[0]

/** Milliseconds the guide gives for its immediate, fast and complete phases. */
const GUIDE_MS = [5 * 60_000, 60 * 60_000, 4 * 60 * 60_000] as const

test('REQ 2-11, 2-20, 2-22, 2-26, 2-27: the drill with kept tables: enabled, killed, quiet, inert, enabled again, each verified and timed; an old receipt still de-duplicates', async () => {
  await at.stack.sql`create table if not exists public.host_app (id int primary key)`
  await at.stack.sql`insert into public.host_app values (1) on conflict do nothing`
  await sync(at.stack, at.token, { claims: [aClaim('old')] })
  await sync(at.stack, at.token, { completions: [aCompletion('old')] })
  const began = performance.now()
  expect((await maestro('rollback', 'verify', '--phase', 'enabled')).exit).toBe(0)
  expect((await maestro('rollback', 'verify')).exit).toBe(1)
  expect((await maestro('kill', 'set', 'kill', '--reason', 'rollback drill')).exit).toBe(0)
  expect((await maestro('rollback', 'verify')).exit).toBe(0)
  expect(performance.now() - began).toBeLessThan(GUIDE_MS[0])
  expect((await maestro('rollback', 'verify', '--phase', 'inert')).exit).toBe(1)
  expect((await maestro('rollback', 'inert')).exit).toBe(6)
  for (let time = 0; time < 2; time += 1) expect((await maestro('rollback', 'inert', '--confirm', 'inert')).exit).toBe(0)
  expect((await maestro('rollback', 'verify', '--phase', 'inert')).exit).toBe(0)
  expect((await maestro('rollback', 'inert', '--undo', '--confirm', 'inert')).exit).toBe(0)
  expect((await maestro('kill', 'clear', '--confirm', 'run')).exit).toBe(0)
  expect((await maestro('rollback', 'verify', '--phase', 'enabled')).exit).toBe(0)
  expect(await repeats('old')).toMatchObject({ claimed: false, idempotent: true, state: 'done' })
  expect(performance.now() - began).toBeLessThan(GUIDE_MS[2])
})

test('REQ 2-18: quiet is red while entries were written within the hour, and green when they are older', async () => {
  await repeats('noise')
  expect((await maestro('rollback', 'verify', '--phase', 'quiet')).exit).toBe(1)
  await at.stack.sql`truncate public.maestro_audit_logs`
  await at.stack.sql`delete from public.maestro_audit_heads`
  expect((await maestro('rollback', 'verify', '--phase', 'quiet')).exit).toBe(0)
})

test('dropping is refused while MAESTRO is enabled, and without its word', async () => {
  const before = await objects()
  const enabled = await maestro('rollback', 'drop-database', '--confirm', 'drop')
  expect([enabled.exit, enabled.err]).toEqual([6, expect.stringContaining('[STILL_ENABLED]')])
  await maestro('kill', 'set', 'kill')
  for (const argv of [[], ['--confirm', 'yes'], ['--confirm', 'DROP']]) expect((await maestro('rollback', 'drop-database', ...argv)).exit).toBe(6)
  const nowhere = await cli({ fetch: fetchStack, env: { DATABASE_URL: 'postgres://nobody@localhost:1/none' } })(
    'rollback',
    'drop-database',
    '--confirm',
    'drop',
  )
  expect([nowhere.exit, nowhere.err]).toEqual([1, expect.stringContaining('[DATABASE_UNREACHABLE]')])
  expect(await objects()).toEqual(before)
})

test('REQ 2-6, 2-13, 2-27: the drop script runs twice clean, leaves nothing of MAESTRO’s and touches nothing else; the migrations bring everything back', async () => {
  const before = await objects()
  for (let time = 0; time < 2; time += 1) {
    const dropped = await maestro('rollback', 'drop-database', '--confirm', 'drop', '--json')
    expect([dropped.out, dropped.exit, dropped.json['tables']]).toEqual([expect.any(String), 0, []])
  }
  expect(await objects()).toEqual({ tables: 0, functions: 0, migrations: 0 })
  expect(Array.from(await at.stack.sql`select id from public.host_app`)).toEqual([{ id: 1 }])
  expect((await maestro('rollback', 'verify', '--phase', 'dropped')).exit).toBe(0)
  expect((await maestro('rollback', 'verify', '--phase', 'enabled')).exit).toBe(1)
  expect((await maestro('doctor', '--only', 'migrations')).exit).toBe(1)
  expect((await maestro('rollback', 'inert', '--confirm', 'inert')).exit).toBe(0)
  await migrate(at.stack.sql)
  expect(await objects()).toEqual(before)
  expect((await maestro('rollback', 'verify', '--phase', 'enabled')).exit).toBe(0)
  expect(await repeats('old')).toMatchObject({ claimed: true })
})

test('REQ 0-24, 2-8: a migration that was never recorded is applied to a database that has the later ones, and loses nothing', async () => {
  await repeats('kept')
  await at.stack.sql`delete from supabase_migrations.schema_migrations where version in ('20260120000200', '20260120000700')`
  expect(await migrate(at.stack.sql)).toHaveLength(2)
  expect(await repeats('kept')).toMatchObject({ claimed: true, fence: 2 })
})
