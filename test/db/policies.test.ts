import { afterAll, beforeAll, expect, test } from 'vitest'
import { asRole } from './support/as-role.ts'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

const ANNA = { sub: 'anna', tenant: 'demo' }
const BEN = { sub: 'ben', tenant: 'demo' }
const FAR = { sub: 'anna', tenant: 'far' }
const DENIED = { code: '42501' }
const sealed = Buffer.concat([Buffer.from([1, 1, 0, 0, 0, 1]), Buffer.alloc(100, 9)])
let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
  for (const caller of [ANNA, BEN, FAR]) {
    await asRole(stack.sql, 'authenticated', caller, (tx) => tx`select public.maestro_claim_receipt(${caller.tenant}, 'k', 't', 'email.send')`)
    await stack.sql.begin(async (tx) => insertBlob(tx, caller))
    await asRole(stack.sql, 'authenticated', caller, (tx) => noteReport(tx))
    await asRole(stack.sql, 'authenticated', caller, (tx) => noteQueue(tx))
  }
}, START_MS)
afterAll(() => stack.remove(), START_MS)

type Tx = Parameters<Parameters<typeof asRole>[3]>[0]
type Caller = { readonly sub: string; readonly tenant: string }

const insertBlob = (tx: Tx, { sub, tenant }: Caller, bytes: Buffer = sealed, id = 'r1') =>
  tx`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope) values (${tenant}, ${sub}, 't1_core', ${id}, ${bytes})`
const noteReport = (tx: Tx, device = 'd') => tx`select public.maestro_note_report(${device}, true, 0, 0, null) as kept`
const noteQueue = (tx: Tx, device = 'd') => tx`select public.maestro_note_queue(${device}, 1, 0)`

test.each(['maestro_execution_receipts', 'maestro_audit_logs', 'maestro_sync_store', 'maestro_device_reports', 'maestro_device_queues'])(
  '%s shows a principal their own rows and no others',
  async (table) => {
    for (const caller of [ANNA, BEN, FAR]) {
      const rows = await asRole(stack.sql, 'authenticated', caller, (tx) => tx`select tenant_id, principal_id from public.${tx(table)}`)
      expect(rows).toEqual([{ tenant_id: caller.tenant, principal_id: caller.sub }])
    }
  },
)

test('audit heads show a tenant its own head only', async () => {
  const rows = await asRole(stack.sql, 'authenticated', FAR, (tx) => tx`select tenant_id, seq::int from public.maestro_audit_heads`)
  expect(rows).toEqual([{ tenant_id: 'far', seq: 1 }])
})

test('a token without tenant or subject sees nothing and claims nothing', async () => {
  for (const claims of [{ sub: 'anna' }, { tenant: 'demo' }, {}]) {
    expect(await asRole(stack.sql, 'authenticated', claims, (tx) => tx`select from public.maestro_execution_receipts`)).toHaveLength(0)
    await expect(
      asRole(stack.sql, 'authenticated', claims, (tx) => tx`select public.maestro_claim_receipt('demo', 'x', 't', 'a')`),
    ).rejects.toMatchObject(DENIED)
  }
})

const TABLES = ['execution_receipts', 'audit_logs', 'audit_heads', 'sync_store', 'device_reports', 'device_queues'].map((name) => `maestro_${name}`)
test.each(TABLES)('%s is closed to anon', async (table) => {
  await expect(asRole(stack.sql, 'anon', {}, (tx) => tx`select from public.${tx(table)}`)).rejects.toMatchObject(DENIED)
})

test('kill documents are read by everybody and written by no token', async () => {
  for (const role of ['anon', 'authenticated', 'service_role'] as const) {
    expect(await asRole(stack.sql, role, ANNA, (tx) => tx`select version from public.maestro_kill_documents`)).toHaveLength(1)
    await expect(
      asRole(stack.sql, role, ANNA, (tx) => tx`insert into public.maestro_kill_documents (version, action) values (9, 'kill')`),
    ).rejects.toMatchObject(DENIED)
  }
  for (const role of ['anon', 'authenticated'] as const) {
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`select public.maestro_publish_kill('kill')`)).rejects.toMatchObject(DENIED)
  }
})

test('kill versions only rise, and documents are never changed or removed, not by the owner either', async () => {
  await asRole(stack.sql, 'service_role', {}, (tx) => tx`select public.maestro_publish_kill('run')`)
  await expect(stack.sql`insert into public.maestro_kill_documents (version, action) values (1, 'run')`).rejects.toMatchObject({ code: '23514' })
  await expect(stack.sql`update public.maestro_kill_documents set action = 'run'`).rejects.toMatchObject(DENIED)
  await expect(stack.sql`delete from public.maestro_kill_documents`).rejects.toMatchObject(DENIED)
})

test.each(['authenticated', 'service_role'] as const)('%s writes receipts, audit and heads through the functions only', async (role) => {
  for (const statement of [
    (tx: Tx) =>
      tx`insert into public.maestro_execution_receipts (tenant_id, principal_id, idempotency_key, trace_id, action, lease_until) values ('demo', 'anna', 'forged', 't', 'a', now())`,
    (tx: Tx) => tx`update public.maestro_execution_receipts set state = 'done', completed_at = now()`,
    (tx: Tx) => tx`delete from public.maestro_execution_receipts`,
    (tx: Tx) => tx`update public.maestro_audit_heads set seq = 0`,
    (tx: Tx) => tx`select public.maestro_append_audit('demo', 'anna', 'receipt.claimed', 'k', 't', 'a', null, 1, 'claimed', null)`,
  ]) {
    await expect(asRole(stack.sql, role, ANNA, statement)).rejects.toMatchObject(DENIED)
  }
})

test('claiming and completing are closed to anon and to another tenant’s token', async () => {
  await expect(asRole(stack.sql, 'anon', ANNA, (tx) => tx`select public.maestro_claim_receipt('demo', 'x', 't', 'a')`)).rejects.toMatchObject(DENIED)
  await expect(asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`select public.maestro_claim_receipt('far', 'x', 't', 'a')`)).rejects.toMatchObject(
    DENIED,
  )
  await expect(asRole(stack.sql, 'anon', ANNA, (tx) => tx`select public.maestro_complete_receipt('demo', 'k', 1, 'done')`)).rejects.toMatchObject(
    DENIED,
  )
  await expect(
    asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`select public.maestro_complete_receipt('far', 'k', 1, 'done')`),
  ).rejects.toMatchObject(DENIED)
})

test.each(['maestro_sync_store', 'maestro_device_reports', 'maestro_device_queues'])(
  '%s is written by no token, not for oneself either',
  async (table) => {
    for (const statement of [
      (tx: Tx) => tx`insert into public.${tx(table)} select * from public.${tx(table)}`,
      (tx: Tx) => tx`update public.${tx(table)} set updated_at = now()`,
      (tx: Tx) => tx`delete from public.${tx(table)}`,
    ]) {
      await expect(asRole(stack.sql, 'authenticated', ANNA, statement)).rejects.toMatchObject(DENIED)
    }
  },
)

test.each([
  ['JSON', Buffer.from(JSON.stringify({ note: 'x'.repeat(200) }))],
  ['HTML', Buffer.from(`<html>${'x'.repeat(200)}</html>`)],
  ['text', Buffer.from('plain words '.repeat(20))],
  ['too little', sealed.subarray(0, 77)],
  ['nothing', Buffer.alloc(0)],
  ['too much', Buffer.concat([sealed, Buffer.alloc(1_048_576)])],
])('REQ 2-10: the sync store refuses %s where an envelope is due', async (_name, bytes) => {
  await expect(stack.sql.begin(async (tx) => insertBlob(tx, ANNA, bytes, 'bad'))).rejects.toMatchObject({ code: '23514' })
})

test('reports and queues are told by those only whom a token names', async () => {
  for (const tell of [noteReport, noteQueue]) {
    await expect(asRole(stack.sql, 'anon', {}, (tx) => tell(tx))).rejects.toMatchObject(DENIED)
    for (const claims of [{ sub: 'anna' }, { tenant: 'demo' }, {}])
      await expect(asRole(stack.sql, 'authenticated', claims, (tx) => tell(tx))).rejects.toMatchObject(DENIED)
  }
})

test('a person’s devices are bounded: no more tell of a day than a hundred, and the queue that was silent longest is forgotten', async () => {
  const caller = { sub: 'many', tenant: 'demo' }
  const reports = await asRole(
    stack.sql,
    'authenticated',
    caller,
    (tx) => tx`select n, public.maestro_note_report('d' || n, true, 1, 1, 1) as kept from generate_series(1, 101) n order by n`,
  )
  expect(reports.map(({ kept }) => kept)).toEqual([...Array.from({ length: 100 }, () => true), false])
  const again = await asRole(stack.sql, 'authenticated', caller, (tx) => noteReport(tx, 'd1'))
  expect(again).toEqual([{ kept: true }])
  await asRole(stack.sql, 'authenticated', caller, (tx) => tx`select public.maestro_note_queue('d' || n, n, 0) from generate_series(1, 101) n`)
  const [left] = await stack.sql`select count(*)::int as count, min(waiting) as oldest, max(waiting) as newest
    from public.maestro_device_queues where principal_id = 'many'`
  expect(left).toEqual({ count: 100, oldest: 2, newest: 101 })
})

const metrics = async () =>
  (await asRole(stack.sql, 'service_role', {}, (tx) => tx`select public.maestro_health_metrics() as m`))[0]?.['m'] as Record<string, number | boolean>

test('what one person says of their devices weighs as one voice: no one can make health bad for everybody, and many can', async () => {
  await stack.sql`delete from public.maestro_device_reports`
  const tell = (sub: string, ready: boolean, rate: number, devices = 1, count = 0) =>
    asRole(
      stack.sql,
      'authenticated',
      { sub, tenant: 'demo' },
      (tx) => tx`select public.maestro_note_report('d' || n, ${ready}, ${count}, ${count}, ${rate}) from generate_series(1, ${devices}) n`,
    )
  for (let n = 0; n < 39; n += 1) await tell(`good-${n}`, true, 1)
  await tell('forger', false, 0, 100, 1_000_000_000)
  const forged = await metrics()
  expect(forged).toMatchObject({ crypto_initialized: true, blocked_operations: 10_000, man_mode_escalations: 10_000 })
  expect(forged['sync_success_rate']).toBeCloseTo(39 / 40)
  for (let n = 0; n < 5; n += 1) await tell(`good-${n}`, false, 0)
  const broken = await metrics()
  expect(broken).toMatchObject({ crypto_initialized: false })
  expect(broken['sync_success_rate']).toBeCloseTo(34 / 40)
  await stack.sql`insert into public.maestro_device_reports
    (tenant_id, principal_id, device_id, crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate)
    select 'big', 'p' || n, 'd', false, 0, 0, 0 from generate_series(1, 500) n`
  expect((await metrics())['sync_success_rate']).toBeCloseTo((20 * (34 / 40)) / 40)
})

test('escalations are one row for each person and minute, however often they report', async () => {
  await stack.sql`delete from public.maestro_escalations`
  const caller = { sub: 'often', tenant: 'demo' }
  await asRole(
    stack.sql,
    'authenticated',
    caller,
    (tx) => tx`select public.maestro_note_report('d', true, 0, n, null) from generate_series(1, 50) n order by n`,
  )
  const rows = await stack.sql`select sum(count)::int as count, count(*)::int as rows from public.maestro_escalations where principal_id = 'often'`
  expect(rows).toEqual([{ count: 50, rows: expect.any(Number) }])
  expect(rows[0]?.['rows']).toBeLessThanOrEqual(2)
})

test('reports of days long over are forgotten', async () => {
  await stack.sql`insert into public.maestro_device_reports (tenant_id, principal_id, device_id, day, crypto_initialized, blocked_operations, man_mode_escalations)
    select 'demo', 'past', 'd', (now() at time zone 'utc')::date - days, true, 0, 0 from unnest(array[89, 91]) days`
  await asRole(stack.sql, 'service_role', {}, (tx) => tx`select public.maestro_note_claims(1, 0)`)
  const left = await stack.sql`select (now() at time zone 'utc')::date - day as days from public.maestro_device_reports where principal_id = 'past'`
  expect(left).toEqual([{ days: 89 }])
})

test('counts over all tenants are for the service role only', async () => {
  expect(await asRole(stack.sql, 'service_role', {}, (tx) => tx`select public.maestro_health_metrics()`)).toHaveLength(1)
  for (const role of ['anon', 'authenticated'] as const) {
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`select public.maestro_health_metrics()`)).rejects.toMatchObject(DENIED)
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`select public.maestro_verify_audit('demo')`)).rejects.toMatchObject(DENIED)
  }
})
