import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyChain } from '../../supabase/functions/maestro-health/verify-chain.ts'
import { asRole } from './support/as-role.ts'
import { envelope } from './support/envelope.ts'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

const ANNA = { sub: 'anna', tenant: 'demo' }
let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
}, START_MS)
afterAll(() => stack.remove(), START_MS)

const claim = (key: string, tenant = 'demo', trace = 't') =>
  asRole(
    stack.sql,
    'authenticated',
    { sub: 'anna', tenant },
    (tx) => tx`select public.maestro_claim_receipt(${tenant}, ${key}, ${trace}, 'email.send') as answer`,
  )
const complete = (key: string, result: string | null = null) =>
  asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`select public.maestro_complete_receipt('demo', ${key}, 1, 'done', ${result}) as answer`)
const verdict = async (tenant: string) => (await stack.sql`select public.maestro_verify_audit(${tenant}) as verdict`)[0]?.['verdict']

test('REQ 0-19: a claim, a take-over and a completion each leave one entry, findable by the key', async () => {
  await claim('story')
  await complete('story', envelope())
  await complete('story', envelope())
  await claim('story')
  await claim('again')
  await claim('again')
  const entries =
    await stack.sql`select kind, fence::int, state, result_digest from public.maestro_audit_logs where idempotency_key in ('story', 'again') order by seq`
  expect(Array.from(entries)).toEqual([
    { kind: 'receipt.claimed', fence: 1, state: 'claimed', result_digest: null },
    { kind: 'receipt.completed', fence: 1, state: 'done', result_digest: createHash('sha256').update(envelope()).digest('hex') },
    { kind: 'receipt.claimed', fence: 1, state: 'claimed', result_digest: null },
    { kind: 'receipt.taken-over', fence: 2, state: 'claimed', result_digest: null },
  ])
})

test('law 3: a transaction that rolls back leaves neither receipt nor entry nor gap', async () => {
  const before = await verdict('demo')
  await expect(
    asRole(stack.sql, 'authenticated', ANNA, (tx) => tx`select public.maestro_claim_receipt('demo', 'rolled-back', 't', 'a'), 1 / 0`),
  ).rejects.toMatchObject({ code: '22012' })
  await claim('after-rollback')
  expect(await verdict('demo')).toEqual({ ...before, entries: before.entries + 1 })
  expect(await stack.sql`select from public.maestro_execution_receipts where idempotency_key = 'rolled-back'`).toHaveLength(0)
})

test('law 3: concurrent claims make one unbroken chain per tenant', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, index) => claim(`many-${index}`, index % 2 === 0 ? 'even' : 'odd')))
  for (const tenant of ['even', 'odd']) {
    expect(await verdict(tenant)).toEqual({ intact: true, entries: 30, first_seq: 1, broken_at: null })
    const rows = await stack.sql`select seq::int, hash, prev_hash, created_at from public.maestro_audit_logs where tenant_id = ${tenant} order by seq`
    rows.forEach((row, index) => {
      expect(row['seq']).toBe(index + 1)
      expect(row['prev_hash']).toEqual(rows[index - 1]?.['hash'] ?? Buffer.alloc(32))
    })
  }
})

test('REQ 2-9: no role changes, removes or empties the log, the owner changes and removes nothing', async () => {
  for (const role of ['anon', 'authenticated', 'service_role'] as const) {
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`update public.maestro_audit_logs set action = 'x'`)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`delete from public.maestro_audit_logs`)).rejects.toMatchObject({ code: '42501' })
    await expect(asRole(stack.sql, role, ANNA, (tx) => tx`truncate public.maestro_audit_logs`)).rejects.toMatchObject({ code: '42501' })
    await expect(
      asRole(stack.sql, role, ANNA, (tx) => tx`insert into public.maestro_audit_logs select * from public.maestro_audit_logs limit 1`),
    ).rejects.toMatchObject({ code: '42501' })
  }
  await expect(stack.sql`update public.maestro_audit_logs set action = 'x'`).rejects.toMatchObject({ code: '42501' })
  await expect(stack.sql`delete from public.maestro_audit_logs where false`).rejects.toMatchObject({ code: '42501' })
})

const tamper = async (statement: () => Promise<unknown>): Promise<void> => {
  await stack.sql`alter table public.maestro_audit_logs disable trigger maestro_audit_logs_append_only`
  await statement()
  await stack.sql`alter table public.maestro_audit_logs enable trigger maestro_audit_logs_append_only`
}

test.each([
  ['changed', 3, (tenant: string) => stack.sql`update public.maestro_audit_logs set action = 'forged' where tenant_id = ${tenant} and seq = 3`],
  ['removed', 4, (tenant: string) => stack.sql`delete from public.maestro_audit_logs where tenant_id = ${tenant} and seq = 3`],
  ['cut off', 5, (tenant: string) => stack.sql`delete from public.maestro_audit_logs where tenant_id = ${tenant} and seq = 5`],
  [
    'redated',
    2,
    (tenant: string) =>
      stack.sql`update public.maestro_audit_logs set created_at = created_at - interval '1 microsecond' where tenant_id = ${tenant} and seq = 2`,
  ],
])('B-8: an entry that was %s behind the trigger’s back is found', async (how, brokenAt, statement) => {
  const tenant = `tampered ${how}`
  for (const key of ['a', 'b', 'c', 'd', 'e']) await claim(key, tenant)
  expect(await verdict(tenant)).toMatchObject({ intact: true, entries: 5 })
  await tamper(() => statement(tenant))
  expect(await verdict(tenant)).toMatchObject({ intact: false, broken_at: brokenAt })
})

test('a long chain is verified part by part, each from where the one before ended, to the same verdict', async () => {
  const chain = 'in parts'
  for (let n = 0; n < 7; n += 1) await claim(`part-${n}`, chain)
  const fromStart = { after: 0, hash: null }
  expect(await verifyChain(stack.sql, chain, fromStart, { partMax: 2 })).toMatchObject({ intact: true, entries: 7, first_seq: 1, complete: true })
  // No time left after each part: what a request does with a chain that is too long for it.
  const one = (from: Parameters<typeof verifyChain>[2]) => verifyChain(stack.sql, chain, from, { partMax: 3, ms: 0 })
  const first = await one(fromStart)
  expect(first).toMatchObject({ intact: null, entries: 3, first_seq: 1, through: 3, complete: false })
  const second = await one({ after: first.through, hash: first.hash })
  expect(second).toMatchObject({ intact: null, entries: 3, first_seq: 4, through: 6, complete: false })
  const last = { after: second.through, hash: second.hash }
  expect(await one(last)).toMatchObject({ intact: true, entries: 1, through: 7, complete: true })
  expect(await one({ ...last, hash: '0'.repeat(64) }), 'another beginning').toMatchObject({ intact: false, broken_at: 7 })
  await tamper(() => stack.sql`delete from public.maestro_audit_logs where tenant_id = ${chain} and seq = 7`)
  expect(await one(last), 'cut off after what was seen').toMatchObject({ intact: false, broken_at: 7, complete: true })
  await tamper(() => stack.sql`delete from public.maestro_audit_logs where tenant_id = ${chain} and seq = 4`)
  expect(await one({ after: 3, hash: first.hash }), 'a gap at the seam').toMatchObject({ intact: false, broken_at: 5 })
  expect(await verifyChain(stack.sql, 'nobody', fromStart)).toMatchObject({ intact: true, entries: 0, complete: true })
})

test('the operator goes on from a place with its hash, and from nothing else', async () => {
  const route = '/functions/v1/maestro-health/ops/audit/verify?tenant=demo'
  const read = (query: string) => stack.call('GET', `${route}${query}`, { token: stack.adminToken })
  const whole = (await read('')).body
  expect(whole).toMatchObject({ intact: true, complete: true })
  expect((await read(`&after=${whole['through']}&hash=${whole['hash']}`)).body).toMatchObject({ intact: true, entries: 0, complete: true })
  expect((await read(`&after=${whole['through']}&hash=${'0'.repeat(64)}`)).body).toMatchObject({ intact: false })
  for (const query of ['&after=1', `&hash=${'0'.repeat(64)}`, '&after=x&hash=y', `&after=0&hash=${'0'.repeat(64)}`])
    expect((await read(query)).status, query).toBe(400)
})

test('REQ 2-18: the guide’s count of the last hour runs', async () => {
  const [row] = await stack.sql`SELECT COUNT(*) FROM maestro_audit_logs WHERE created_at > NOW() - INTERVAL '1 hour'`
  expect(Number(row?.['count'])).toBeGreaterThan(0)
})

test('REQ 2-9: the owner may truncate, and the chain goes on from its head', async () => {
  await stack.sql`truncate public.maestro_audit_logs`
  await claim('after-truncate')
  expect(await verdict('demo')).toMatchObject({ intact: true, entries: 1, broken_at: null })
})
