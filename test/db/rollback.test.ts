import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { withDatabase } from '../../src/cli/database.ts'
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

const drop = (io: Parameters<typeof cli>[0], confirm: string) => cli(io)('rollback', 'drop-database', '--confirm', confirm)
const unreachable: typeof fetch = () => Promise.reject(new TypeError('fetch failed'))

test('dropping is refused without the database’s name, which is told, and while MAESTRO is enabled in that very database, whatever a server says', async () => {
  const before = await objects()
  for (const argv of [[], ['--confirm', 'drop'], ['--confirm', 'postgres']]) {
    const unnamed = await maestro('rollback', 'drop-database', ...argv)
    expect([unnamed.exit, unnamed.err]).toEqual([6, expect.stringContaining('--confirm local/postgres')])
  }
  const stopped: typeof fetch = async () =>
    new Response('{"status":"disabled","maestro_enabled":false}', { headers: { 'x-maestro-kill-version': '9' } })
  for (const other of [fetchStack, stopped, unreachable]) {
    const enabled = await drop({ fetch: other, env: { MAESTRO_DATA: at.stack.dataDir } }, 'local/postgres')
    expect([enabled.exit, enabled.err]).toEqual([6, expect.stringMatching(/newest kill document says run\. Nothing was changed.*\[STILL_ENABLED\]/)])
  }
  expect(await objects()).toEqual(before)
})

test('a database that is not there, or is no address, is told apart; its password is not repeated', async () => {
  const address = (url: string, confirm: string) => drop({ fetch: unreachable, env: { DATABASE_URL: url } }, confirm)
  const unnamed = await address('postgres://nobody:hush@localhost:1/none', 'none')
  expect([unnamed.exit, unnamed.err]).toEqual([6, expect.stringContaining('--confirm nobody@localhost:1/none')])
  const nowhere = await address('postgres://nobody:hush@localhost:1/none', 'nobody@localhost:1/none')
  expect([nowhere.exit, nowhere.err]).toEqual([1, expect.stringContaining('[DATABASE_UNREACHABLE]')])
  const wrong = await address('postgres://nobody:hush@localhost:port/none', 'none')
  expect([wrong.exit, wrong.err]).toEqual([2, expect.stringContaining('[DATABASE_URL_INVALID]')])
  for (const { err, out } of [unnamed, nowhere, wrong]) expect(err + out).not.toContain('hush')
})

test('a statement that fails has changed nothing; a connection that breaks may have, and it says which', async () => {
  const target = async () => ({ url: 'https://unused.example', dataDir: at.stack.dataDir, key: async () => '' })
  const io = { env: {}, cwd: '/', out: () => undefined, err: () => undefined, fetch, now: Date.now }
  const fails = (work: Parameters<typeof withDatabase>[2]) =>
    withDatabase({ io, text: () => null, on: () => false, target }, () => undefined, work).then(
      () => null,
      (error: unknown) => error,
    )
  const failed = await fails((sql) => sql.unsafe('begin; create table public.other (id int); select 1 / 0; commit').simple())
  expect(failed).toMatchObject({ code: 'DATABASE_FAILED', exit: 1, message: expect.stringContaining('Nothing was changed') })
  expect(await at.stack.sql`select to_regclass('public.other') as there`).toMatchObject([{ there: null }])
  const lost = await fails((sql) => sql.unsafe('create table public.other (id int); commit; select pg_terminate_backend(pg_backend_pid())').simple())
  expect(lost).toMatchObject({ code: 'DATABASE_LOST', exit: 1, message: expect.not.stringContaining('Nothing was changed') })
  expect(await at.stack.sql`drop table public.other`).toHaveLength(0)
})

test('a resumed MAESTRO is not dropped, nor one whose kill documents are gone; a database without MAESTRO is none to refuse', async () => {
  const script = await readFile(new URL('../../supabase/ops/rollback-drop.sql', import.meta.url), 'utf8')
  const attempt = async (before: string): Promise<string> => {
    const connection = await at.stack.sql.reserve()
    try {
      // The script's own transaction ends inside this one: a savepoint would not hold its `begin`.
      await connection.unsafe(`begin; ${before}`).simple()
      await connection.unsafe(script.replace(/^commit;$/m, '')).simple()
      return 'dropped'
    } catch (error) {
      return String((error as { code?: string }).code)
    } finally {
      await connection.unsafe('rollback').simple()
      connection.release()
    }
  }
  const flip = (action: string) => `insert into public.maestro_kill_documents (version, action)
    select max(version) + 1, '${action}' from public.maestro_kill_documents;`
  expect(await attempt(flip('safe-worker'))).toBe('dropped')
  expect(await attempt(flip('kill'))).toBe('dropped')
  for (const action of ['run', 'readonly', 'drain']) expect([action, await attempt(flip('kill') + flip(action))]).toEqual([action, 'MA002'])
  expect(await attempt('drop table public.maestro_kill_documents cascade;')).toBe('MA002')
  expect(await attempt('drop table public.maestro_kill_documents, public.maestro_execution_receipts cascade;')).toBe('dropped')
})

test('a half-dropped database is neither quiet nor gone: what cannot be read is not nothing', async () => {
  await at.stack.sql`alter function public.maestro_recorded_migrations() rename to other_recorded_migrations`
  const quiet = await maestro('rollback', 'verify', '--phase', 'quiet')
  expect([quiet.exit, quiet.out]).toEqual([1, expect.stringContaining('cannot be read')])
  const dropped = await maestro('rollback', 'verify', '--phase', 'dropped')
  expect([dropped.exit, dropped.out]).toEqual([1, expect.stringContaining('maestro_execution_receipts')])
  expect((await maestro('audit', 'verify')).exit).toBe(1)
  await at.stack.sql`alter function public.other_recorded_migrations() rename to maestro_recorded_migrations`
  expect((await maestro('rollback', 'verify', '--phase', 'dropped')).exit).toBe(1)
})

test('REQ 2-6, 2-13, 2-27: the drop script runs twice clean, leaves nothing of MAESTRO’s and touches nothing else; the migrations bring everything back', async () => {
  const before = await objects()
  expect((await maestro('kill', 'set', 'kill')).exit).toBe(0)
  for (let time = 0; time < 2; time += 1) {
    const dropped = await maestro('rollback', 'drop-database', '--confirm', 'local/postgres', '--json')
    expect([dropped.out, dropped.exit, dropped.json]).toEqual([
      expect.any(String),
      0,
      expect.objectContaining({ database: 'local/postgres', tables: [] }),
    ])
  }
  expect(await objects()).toEqual({ tables: 0, functions: 0, migrations: 0 })
  expect(Array.from(await at.stack.sql`select id from public.host_app`)).toEqual([{ id: 1 }])
  expect((await maestro('rollback', 'verify', '--phase', 'dropped')).exit).toBe(0)
  for (const phase of ['enabled', 'quiet', 'inert']) expect([phase, (await maestro('rollback', 'verify', '--phase', phase)).exit]).toEqual([phase, 1])
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
