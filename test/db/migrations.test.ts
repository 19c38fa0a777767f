import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../supabase/local/migrate.ts'
import { asRole } from './support/as-role.ts'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

const FOLDER = new URL('../../supabase/migrations/', import.meta.url)
/** The rollback guide's phase 3, in its order. */
const DROP = `
  DROP TABLE IF EXISTS public.maestro_execution_receipts;
  DROP TABLE IF EXISTS public.maestro_sync_store;
  DROP TABLE IF EXISTS public.maestro_audit_logs;
  DROP FUNCTION IF EXISTS public.maestro_claim_receipt;`
let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
}, START_MS)
afterAll(() => stack.remove(), START_MS)

const claim = (key: string) =>
  asRole(
    stack.sql,
    'authenticated',
    { sub: 'anna', tenant: 'demo' },
    (tx) => tx`select public.maestro_claim_receipt('demo', ${key}, 't', 'email.send') as answer`,
  )

test('REQ 2-12: every migration is named 20260120… and contains maestro', async () => {
  const names = await readdir(FOLDER)
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) expect(name).toMatch(/^20260120\d{6}_maestro_\w+\.sql$/)
})

test('REQ 2-8: migrations only create: no drop of a table, no change of what others made', async () => {
  for (const name of await readdir(FOLDER)) {
    const text = (await readFile(new URL(name, FOLDER), 'utf8')).toLowerCase().replaceAll(/^\s*--.*$/gm, '')
    for (const [, word] of text.matchAll(/^(drop \w+|alter \w+ (?!public\.maestro_)\S+|truncate|delete)/gm)) expect(word).toBe('drop policy')
    for (const [table] of text.matchAll(/create table .*$/gm)) expect(table).toContain('if not exists public.maestro_')
  }
})

test('each table has row level security in the file that makes it', async () => {
  for (const name of await readdir(FOLDER)) {
    const text = await readFile(new URL(name, FOLDER), 'utf8')
    for (const [, table] of text.matchAll(/^create table if not exists (\S+)/gm))
      expect(text).toContain(`alter table ${table} enable row level security`)
  }
  const open =
    await stack.sql`select relname from pg_class where relname like 'maestro%' and relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity`
  expect(open).toHaveLength(0)
})

test('functions that callers or triggers run look names up nowhere but where they say, and none is open to everybody', async () => {
  const functions =
    await stack.sql`select proname, proconfig, proacl::text as acl from pg_proc where proname like 'maestro%' and pronamespace = 'public'::regnamespace`
  expect(functions.length).toBeGreaterThan(5)
  for (const { proname, proconfig, acl } of functions) {
    expect([proname, proconfig]).toEqual([proname, ['search_path=""']])
    expect([proname, /(^|[{,])=X/.test(acl), /anon=/.test(acl)]).toEqual([proname, false, false])
  }
  const [claims] = await stack.sql`select count(*)::int as n from pg_proc where proname = 'maestro_claim_receipt'`
  expect(claims?.['n']).toBe(1)
})

test('REQ 0-24: migrations are recorded and not run again', async () => {
  const rows = await stack.sql`select version || '_' || name || '.sql' as file from supabase_migrations.schema_migrations order by version`
  expect(rows.map(({ file }) => file)).toEqual((await readdir(FOLDER)).toSorted())
  expect(await migrate(stack.sql)).toEqual([])
})

test('REQ 0-24: migrations run again on an existing database and lose nothing', async () => {
  await claim('kept')
  await stack.sql`select public.maestro_publish_kill('readonly')`
  await stack.sql`delete from supabase_migrations.schema_migrations`
  expect(await migrate(stack.sql)).toHaveLength((await readdir(FOLDER)).length)
  expect((await claim('kept'))[0]?.['answer']).toMatchObject({ claimed: true, fence: 2 })
  expect(Array.from(await stack.sql`select version::int, action from public.maestro_kill_documents order by version`)).toEqual([
    { version: 1, action: 'run' },
    { version: 2, action: 'readonly' },
  ])
})

test('REQ 2-11: the guide’s INERT comments run', async () => {
  for (const table of ['maestro_execution_receipts', 'maestro_sync_store', 'maestro_audit_logs']) {
    await stack.sql.unsafe(`COMMENT ON TABLE public.${table} IS 'INERT: MAESTRO disabled'`)
  }
})

test('REQ 2-6: the guide’s DROP order runs clean, twice, also with rows; the next start makes everything again', async () => {
  await stack.sql.unsafe(DROP).simple()
  await stack.sql.unsafe(DROP).simple()
  const [gone] =
    await stack.sql`select to_regclass('public.maestro_execution_receipts') as receipts, to_regproc('public.maestro_claim_receipt') as claim`
  expect(gone).toEqual({ receipts: null, claim: null })
  expect((await stack.call('GET', '/maestro-health')).status).toBe(503)
  const refused = await stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', {
    token: await stack.token(),
    body: { tenant_id: 'demo', idempotency_key: 'k', trace_id: 't', action: 'a' },
  })
  expect([refused.status, refused.body['code']]).toEqual([503, 'STORE_NOT_MIGRATED'])
  await migrate(stack.sql)
  expect((await claim('back'))[0]?.['answer']).toMatchObject({ claimed: true, fence: 1 })
  expect((await stack.call('GET', '/maestro-health')).status).toBe(200)
})
