import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { envelope } from './support/envelope.ts'
import { fileStack } from './support/file-stack.ts'

const SYNC = '/functions/v1/maestro-sync'
const DIGEST = 'a'.repeat(64)
const at = fileStack()

const claim = (body: Record<string, unknown>, as = at.token) =>
  at.stack.call('POST', `${SYNC}/claim-receipt`, {
    token: as,
    body: { tenant_id: 'demo', idempotency_key: 'k', trace_id: 't1', action: 'email.send', params_digest: DIGEST, ...body },
  })
const complete = (body: Record<string, unknown>, as = at.token) =>
  at.stack.call('POST', `${SYNC}/complete-receipt`, {
    token: as,
    body: { tenant_id: 'demo', idempotency_key: 'k', fence: 1, state: 'done', result: envelope(), ...body },
  })
const lookUp = (key: string, as = at.token) => at.stack.call('GET', `${SYNC}/receipt/${encodeURIComponent(key)}`, { token: as })

const endLease = (key: string) =>
  at.stack.sql`update public.maestro_execution_receipts set lease_until = clock_timestamp() where idempotency_key = ${key}`

test('REQ 1-28: the first claim of a key is granted with a fence and the retention', async () => {
  const answer = await claim({ idempotency_key: 'first' })
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ claimed: true, fence: 1, retention_s: 7_776_000 })
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('x-maestro-kill-version')).toBe('1')
})

test('REQ 1-28: the runbook’s four fields are enough with a token, and without one answer 401 JSON', async () => {
  const body = { tenant_id: 'demo', idempotency_key: 'runbook', trace_id: 'trace', action: 'test' }
  const refused = await at.stack.call('POST', `${SYNC}/claim-receipt`, { body })
  expect([refused.status, refused.body['code']]).toEqual([401, 'UNAUTHENTICATED'])
  const granted = await at.stack.call('POST', `${SYNC}/claim-receipt`, { body, token: at.token })
  expect([granted.status, granted.body['claimed']]).toEqual([200, true])
})

test('law 5: of fifty concurrent claims by fifty holders exactly one is granted', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => claim({ idempotency_key: 'race', trace_id: `trace-${index}` })))
  expect(answers.filter(({ body }) => body['claimed'] === true)).toHaveLength(1)
  const others = answers.filter(({ body }) => body['claimed'] !== true)
  expect(new Set(others.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(new Set(['409 IN_PROGRESS']))
  const wait = Number(others[0]?.headers.get('retry-after'))
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60)
})

test('law 5: twenty concurrent claims by the same holder get twenty different fences', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => claim({ idempotency_key: 'same-trace' })))
  expect(new Set(answers.map(({ body }) => body['fence']))).toEqual(new Set(Array.from({ length: 20 }, (_, index) => index + 1)))
})

test('law 4: the same trace takes its unfinished receipt over, and the older fence can no longer complete', async () => {
  await claim({ idempotency_key: 'takeover' })
  expect((await claim({ idempotency_key: 'takeover' })).body).toEqual({ claimed: true, fence: 2, retention_s: 7_776_000 })
  const stale = await complete({ idempotency_key: 'takeover', fence: 1 })
  expect([stale.status, stale.body['code']]).toEqual([409, 'FENCE_STALE'])
  expect((await complete({ idempotency_key: 'takeover', fence: 2 })).body).toEqual({ completed: true })
})

test('law 4: another trace waits for the lease to end and then takes over', async () => {
  await claim({ idempotency_key: 'lease' })
  expect((await claim({ idempotency_key: 'lease', trace_id: 't2' })).status).toBe(409)
  await endLease('lease')
  const taken = { claimed: true, fence: 2, retention_s: 7_776_000, begun_elsewhere: true }
  expect((await claim({ idempotency_key: 'lease', trace_id: 't2' })).body).toEqual(taken)
  expect((await claim({ idempotency_key: 'lease', trace_id: 't2' })).body, 'its answer may have been lost').toEqual({ ...taken, fence: 3 })
  expect((await complete({ idempotency_key: 'lease', fence: 1 })).status).toBe(409)
})

test('REQ 1-27: a claim of an ended receipt gives the first result', async () => {
  await claim({ idempotency_key: 'ended' })
  await complete({ idempotency_key: 'ended', result: envelope(9) })
  const again = await claim({ idempotency_key: 'ended', trace_id: 'other' })
  expect([again.status, again.body]).toEqual([200, { claimed: false, idempotent: true, state: 'done', result: envelope(9) }])
})

test('a key that stands for other parameters or another action is refused with 422', async () => {
  await claim({ idempotency_key: 'reused' })
  for (const other of [{ params_digest: 'b'.repeat(64) }, { action: 'payment.transfer' }]) {
    const answer = await claim({ idempotency_key: 'reused', ...other })
    expect([answer.status, answer.body['code']]).toEqual([422, 'KEY_REUSED'])
  }
  expect((await claim({ idempotency_key: 'reused' })).status).toBe(200)
})

test('a completion repeated under its fence is fine and keeps the first result', async () => {
  await claim({ idempotency_key: 'repeat' })
  await complete({ idempotency_key: 'repeat', result: envelope(1) })
  expect((await complete({ idempotency_key: 'repeat', result: envelope(2) })).body).toEqual({ completed: true })
  expect((await lookUp('repeat')).body).toMatchObject({ state: 'done', fence: 1, params_digest: DIGEST, result: envelope(1) })
  expect((await complete({ idempotency_key: 'repeat', state: 'dead', result: null })).status).toBe(409)
})

test.each(['dead', 'denied', 'expired', 'cancelled', 'refused'])('a receipt can end as %s without a result', async (state) => {
  await claim({ idempotency_key: `end-${state}` })
  expect((await complete({ idempotency_key: `end-${state}`, state, result: null })).body).toEqual({ completed: true })
  expect((await lookUp(`end-${state}`)).body).toMatchObject({ state, result: null })
})

test('completing or looking up a key that was never claimed answers 404', async () => {
  expect((await complete({ idempotency_key: 'never' })).status).toBe(404)
  expect([(await lookUp('never')).status, (await lookUp('never')).body['code']]).toEqual([404, 'RECEIPT_UNKNOWN'])
})

test.each(['a/b', '100% sure?', 'ключ 🔑', '%2F', 'a+b&c=d#e', '...'])('the key %j is looked up verbatim', async (key) => {
  await claim({ idempotency_key: key })
  expect((await lookUp(key)).body).toMatchObject({ state: 'claimed', fence: 1 })
})

test('REQ 1-28: a claim or completion for another tenant is refused and leaves no row', async () => {
  const key = randomUUID()
  expect([
    (await claim({ idempotency_key: key, tenant_id: 'other' })).status,
    (await claim({ idempotency_key: key, tenant_id: 'other' })).body['code'],
  ]).toEqual([403, 'TENANT_MISMATCH'])
  expect((await complete({ idempotency_key: key, tenant_id: 'other' })).status).toBe(403)
  expect(await at.stack.sql`select from public.maestro_execution_receipts where idempotency_key = ${key}`).toHaveLength(0)
})

test('trap 10: the same key of another principal or tenant is another receipt, and theirs is not seen', async () => {
  await claim({ idempotency_key: 'mine' })
  await complete({ idempotency_key: 'mine' })
  const ben = await at.stack.token({ sub: 'principal-2' })
  expect((await lookUp('mine', ben)).status).toBe(404)
  expect((await complete({ idempotency_key: 'mine' }, ben)).status).toBe(404)
  expect((await claim({ idempotency_key: 'mine' }, ben)).body).toMatchObject({ claimed: true, fence: 1 })
  const far = await at.stack.token({ tenant: 'far' })
  expect((await claim({ idempotency_key: 'mine', tenant_id: 'far' }, far)).body).toMatchObject({ claimed: true, fence: 1 })
})

test('REQ 1-41..1-45: a device’s report of the day is kept once per device, the newest wins', async () => {
  const report = { crypto_initialized: true, blocked_operations: 2, man_mode_escalations: 3, sync_success_rate: 0.5 }
  await claim({ idempotency_key: 'r1', device_id: 'device-1', report })
  await claim({ idempotency_key: 'r2', device_id: 'device-1', report: { ...report, blocked_operations: 5 } })
  await claim({ idempotency_key: 'r3', device_id: 'device-2', report: { ...report, sync_success_rate: null } })
  const health = await at.stack.call('GET', '/maestro-health?verbose')
  expect(health.body).toMatchObject({ crypto_initialized: true, blocked_operations: 7, man_mode_escalations: 6, sync_success_rate: 0.5 })
  const [row] = await at.stack.sql`select count(*)::int as claims from public.maestro_execution_receipts`
  expect(health.body['receipt_claims_today']).toBe(row?.['claims'])
})

test('a look-up says how long the key is remembered, and since when it has ended', async () => {
  await claim({ idempotency_key: 'kept' })
  expect((await lookUp('kept')).body).toEqual({ state: 'claimed', fence: 1, params_digest: DIGEST, result: null, retention_s: 7_776_000 })
  await complete({ idempotency_key: 'kept' })
  const { completed_at: completedAt, ...rest } = (await lookUp('kept')).body
  expect(rest).toEqual({ state: 'done', fence: 1, params_digest: DIGEST, result: envelope(), retention_s: 7_776_000 })
  expect(completedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Math.abs(Date.parse(String(completedAt)) - Date.now())).toBeLessThan(60_000)
})
