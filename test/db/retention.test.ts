import { expect, test } from 'vitest'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const at = fileStack()
const STATES = ['done', 'dead', 'denied', 'expired', 'cancelled', 'refused']

/** Moves receipts into the past: made `days` ago, and ended then if they have ended. */
const age = (prefix: string, days: number) =>
  at.stack.sql`update public.maestro_execution_receipts set created_at = created_at - make_interval(days => ${days}),
    lease_until = lease_until - make_interval(days => ${days}), completed_at = completed_at - make_interval(days => ${days})
    where starts_with(idempotency_key, ${prefix})`
const forget = async (limit?: number): Promise<number> => {
  const [row] = await asRole(at.stack.sql, 'service_role', {}, (tx) =>
    limit === undefined ? tx`select public.maestro_forget_receipts() as n` : tx`select public.maestro_forget_receipts(${limit}) as n`,
  )
  return row?.['n']
}
const left = async (prefix: string): Promise<string[]> => {
  const rows = await at.stack.sql`select idempotency_key as key from public.maestro_execution_receipts
    where starts_with(idempotency_key, ${prefix}) order by idempotency_key`
  return rows.map(({ key }) => key)
}
const end = async (keys: readonly string[], state = 'done') => {
  await sync(at.stack, at.token, { claims: keys.map((key) => aClaim(key)) })
  await sync(at.stack, at.token, { completions: keys.map((key) => aCompletion(key, { state })) })
}

test('the retention that claims, batches and look-ups tell is the one by which rows are removed', async () => {
  const [row] = await at.stack.sql`select public.maestro_retention_s() as seconds`
  const claimed = await at.stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', {
    token: at.token,
    body: { tenant_id: 'demo', ...aClaim('told') },
  })
  const batch = await sync(at.stack, at.token, {})
  const found = await at.stack.call('GET', '/functions/v1/maestro-sync/receipt/told', { token: at.token })
  expect([claimed.body['retention_s'], batch.body['retention_s'], found.body['retention_s']]).toEqual(Array(3).fill(row?.['seconds']))
  expect(row?.['seconds']).toBe(90 * 86_400)
})

test('receipts that ended longer ago than the retention are removed, in every terminal state; younger ones stay', async () => {
  for (const state of STATES) {
    await end([`old-${state}`], state)
    await end([`young-${state}`], state)
  }
  await age('old-', 91)
  await age('young-', 89)
  expect(await forget()).toBe(STATES.length)
  expect(await left('old-')).toEqual([])
  expect(await left('young-')).toHaveLength(STATES.length)
  expect(await forget()).toBe(0)
})

test('a receipt that never ended stays, however old', async () => {
  await sync(at.stack, at.token, { claims: [aClaim('open-old'), aClaim('open-new')] })
  await age('open-old', 400)
  expect(await forget()).toBe(0)
  expect(await left('open-')).toEqual(['open-new', 'open-old'])
})

test('a receipt that was made long ago and ended lately stays', async () => {
  await sync(at.stack, at.token, { claims: [aClaim('late')] })
  await age('late', 200)
  await sync(at.stack, at.token, { completions: [aCompletion('late')] })
  expect(await forget()).toBe(0)
  expect(await left('late')).toEqual(['late'])
})

test('one call removes no more than it was asked to, and says when there may be more', async () => {
  await end(Array.from({ length: 7 }, (_, index) => `many-${index}`))
  await age('many-', 91)
  expect([await forget(3), await forget(3), await forget(3), await forget(3)]).toEqual([3, 3, 1, 0])
})

test('what was forgotten can be claimed anew, and its audit entries are still there', async () => {
  await end(['forgotten'])
  await age('forgotten', 91)
  await forget()
  const lookUp = await at.stack.call('GET', '/functions/v1/maestro-sync/receipt/forgotten', { token: at.token })
  expect([lookUp.status, lookUp.body['code']]).toEqual([404, 'RECEIPT_UNKNOWN'])
  expect((await sync(at.stack, at.token, { claims: [aClaim('forgotten')] })).claims).toMatchObject([{ claimed: true, fence: 1 }])
  const entries = await at.stack.sql`select kind from public.maestro_audit_logs where idempotency_key = 'forgotten' order by seq`
  expect(entries.map(({ kind }) => kind)).toEqual(['receipt.claimed', 'receipt.completed', 'receipt.claimed'])
  const [row] = await at.stack.sql`select public.maestro_verify_audit('demo') as verdict`
  expect(row?.['verdict']).toMatchObject({ intact: true })
})

test('a receipt that somebody is at work on is left for the next call', async () => {
  await end(['busy'])
  await age('busy', 91)
  await at.stack.sql.begin(async (tx) => {
    await tx`select from public.maestro_execution_receipts where idempotency_key = 'busy' for update`
    expect(await forget()).toBe(0)
  })
  expect(await forget()).toBe(1)
})

test('forgetting is for the service role only', async () => {
  for (const role of ['anon', 'authenticated'] as const) {
    await expect(
      asRole(at.stack.sql, role, { sub: 'principal-1', tenant: 'demo' }, (tx) => tx`select public.maestro_forget_receipts()`),
    ).rejects.toMatchObject({ code: '42501' })
  }
})
