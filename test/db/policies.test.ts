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
    await asRole(stack.sql, 'authenticated', caller, (tx) => insertBlob(tx, caller))
    await asRole(stack.sql, 'authenticated', caller, (tx) => insertReport(tx, caller))
  }
}, START_MS)
afterAll(() => stack.remove(), START_MS)

type Tx = Parameters<Parameters<typeof asRole>[3]>[0]
type Caller = { readonly sub: string; readonly tenant: string }

const insertBlob = (tx: Tx, { sub, tenant }: Caller, bytes: Buffer = sealed, id = 'r1') =>
  tx`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope) values (${tenant}, ${sub}, 't1_core', ${id}, ${bytes})`
const insertReport = (tx: Tx, { sub, tenant }: Caller) =>
  tx`insert into public.maestro_device_reports (tenant_id, principal_id, device_id, crypto_initialized, blocked_operations, man_mode_escalations)
    values (${tenant}, ${sub}, 'd', true, 0, 0) on conflict (day, tenant_id, principal_id, device_id) do update set blocked_operations = 1`

test.each(['maestro_execution_receipts', 'maestro_audit_logs', 'maestro_sync_store', 'maestro_device_reports'])(
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

test.each(['maestro_execution_receipts', 'maestro_audit_logs', 'maestro_audit_heads', 'maestro_sync_store', 'maestro_device_reports'])(
  '%s is closed to anon',
  async (table) => {
    await expect(asRole(stack.sql, 'anon', {}, (tx) => tx`select from public.${tx(table)}`)).rejects.toMatchObject(DENIED)
  },
)

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

test('the sync store takes, changes and drops a principal’s own envelopes', async () => {
  await asRole(stack.sql, 'authenticated', ANNA, (tx) => insertBlob(tx, ANNA, sealed, 'own'))
  expect(
    await asRole(
      stack.sql,
      'authenticated',
      ANNA,
      (tx) => tx`update public.maestro_sync_store set updated_at = now() where record_id = 'own' returning record_id`,
    ),
  ).toHaveLength(1)
  expect(
    await asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`delete from public.maestro_sync_store where record_id = 'own' returning record_id`),
  ).toHaveLength(1)
})

test('the sync store refuses to write for another principal and does not touch their rows', async () => {
  await expect(asRole(stack.sql, 'authenticated', ANNA, (tx) => insertBlob(tx, BEN, sealed, 'forged'))).rejects.toMatchObject(DENIED)
  await expect(
    asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`update public.maestro_sync_store set principal_id = 'ben' where record_id = 'r1'`),
  ).rejects.toMatchObject(DENIED)
  expect(
    await asRole(
      stack.sql,
      'authenticated',
      ANNA,
      (tx) => tx`update public.maestro_sync_store set updated_at = now() where principal_id = 'ben' returning 1 as n`,
    ),
  ).toHaveLength(0)
  expect(
    await asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`delete from public.maestro_sync_store where principal_id = 'ben' returning 1 as n`),
  ).toHaveLength(0)
})

test.each([
  ['JSON', Buffer.from(JSON.stringify({ note: 'x'.repeat(200) }))],
  ['HTML', Buffer.from(`<html>${'x'.repeat(200)}</html>`)],
  ['text', Buffer.from('plain words '.repeat(20))],
  ['too little', sealed.subarray(0, 77)],
  ['nothing', Buffer.alloc(0)],
  ['too much', Buffer.concat([sealed, Buffer.alloc(1_048_576)])],
])('REQ 2-10: the sync store refuses %s where an envelope is due', async (_name, bytes) => {
  await expect(asRole(stack.sql, 'authenticated', ANNA, (tx) => insertBlob(tx, ANNA, bytes, 'bad'))).rejects.toMatchObject({ code: '23514' })
})

test('device reports are written for oneself only', async () => {
  await asRole(stack.sql, 'authenticated', ANNA, (tx) => insertReport(tx, ANNA))
  await expect(asRole(stack.sql, 'authenticated', ANNA, (tx) => insertReport(tx, BEN))).rejects.toMatchObject(DENIED)
  await expect(asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`delete from public.maestro_device_reports`)).rejects.toMatchObject(DENIED)
})

test('counts over all tenants are for the service role only', async () => {
  expect(await asRole(stack.sql, 'service_role', {}, (tx) => tx`select public.maestro_health_metrics()`)).toHaveLength(1)
  for (const role of ['anon', 'authenticated'] as const) {
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`select public.maestro_health_metrics()`)).rejects.toMatchObject(DENIED)
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`select public.maestro_verify_audit('demo')`)).rejects.toMatchObject(DENIED)
  }
})
