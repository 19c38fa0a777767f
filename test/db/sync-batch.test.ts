import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { envelope } from './support/envelope.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'
import type { SyncBody } from './support/sync.ts'

const at = fileStack()
const send = (body: SyncBody, token = at.token) => sync(at.stack, token, body)
const rows = (prefix: string) =>
  at.stack.sql`select idempotency_key as key, state, fence::int from public.maestro_execution_receipts
    where starts_with(idempotency_key, ${prefix}) order by idempotency_key`
const kinds = async (prefix: string) => {
  const found = await at.stack.sql`select kind, idempotency_key as key, fence::int from public.maestro_audit_logs
    where starts_with(idempotency_key, ${prefix}) order by seq`
  return found.map(({ kind, key, fence }) => `${kind} ${key} ${fence}`)
}
const verdict = async () => (await at.stack.sql`select public.maestro_verify_audit('demo') as verdict`)[0]?.['verdict']
const endLease = (key: string) =>
  at.stack.sql`update public.maestro_execution_receipts set lease_until = clock_timestamp() where idempotency_key = ${key}`

test('a batch of new keys is granted in the order asked, with retention, time and kill version', async () => {
  const answer = await send({ claims: [aClaim('new-b'), aClaim('new-a'), aClaim('new-c')] })
  expect(answer.status).toBe(200)
  expect(answer.claims).toEqual(['new-b', 'new-a', 'new-c'].map((key) => ({ idempotency_key: key, claimed: true, fence: 1 })))
  expect(answer.completions).toEqual([])
  expect(answer.body).toMatchObject({ retention_s: 7_776_000, kill_version: 1, audit: { through: 0, hash: '0'.repeat(64) } })
  expect(String(answer.body['server_time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Math.abs(Date.parse(String(answer.body['server_time'])) - Date.now())).toBeLessThan(60_000)
  expect(await kinds('new-')).toEqual(['receipt.claimed new-b 1', 'receipt.claimed new-a 1', 'receipt.claimed new-c 1'])
})

test('an empty batch is an answer too: the head, the time, the kill version', async () => {
  const answer = await send({})
  expect([answer.status, answer.claims, answer.completions]).toEqual([200, [], []])
})

test('the kill version of a batch is the newest, in the body and in the header', async () => {
  const [row] = await at.stack.sql`select public.maestro_publish_kill('run')::int as version`
  const answer = await at.stack.call('POST', '/functions/v1/maestro-sync', { token: at.token, body: { tenant_id: 'demo', device_id: 'd' } })
  expect([answer.body['kill_version'], answer.headers.get('x-maestro-kill-version')]).toEqual([row?.['version'], String(row?.['version'])])
})

test('every claim is answered as it would be alone, and no refusal spoils a neighbour', async () => {
  const other = { trace_id: 'other' }
  await send({ claims: ['held', 'ended', 'reused', 'mine', 'free'].map((key) => aClaim(`mix-${key}`)) })
  await send({ completions: [aCompletion('mix-ended', { result: envelope(9) })] })
  await endLease('mix-free')
  const { claims } = await send({
    claims: [
      aClaim('mix-held', other),
      aClaim('mix-new'),
      aClaim('mix-ended', other),
      aClaim('mix-reused', { params_digest: 'b'.repeat(64) }),
      aClaim('mix-reused', { action: 'payment.transfer' }),
      aClaim('mix-mine'),
      aClaim('mix-free', other),
    ],
  })
  expect(claims).toEqual([
    { idempotency_key: 'mix-held', claimed: false, code: 'IN_PROGRESS', retry_after_s: expect.any(Number) },
    { idempotency_key: 'mix-new', claimed: true, fence: 1 },
    { idempotency_key: 'mix-ended', claimed: false, idempotent: true, state: 'done', result: envelope(9) },
    { idempotency_key: 'mix-reused', claimed: false, code: 'KEY_REUSED' },
    { idempotency_key: 'mix-reused', claimed: false, code: 'KEY_REUSED' },
    { idempotency_key: 'mix-mine', claimed: true, fence: 2 },
    { idempotency_key: 'mix-free', claimed: true, fence: 2, begun_elsewhere: true },
  ])
  expect(claims[0]?.['retry_after_s']).toBeGreaterThan(0)
  expect(claims[0]?.['retry_after_s']).toBeLessThanOrEqual(60)
  expect(await rows('mix-reused')).toMatchObject([{ state: 'claimed', fence: 1 }])
})

test('every completion is answered as it would be alone, and no refusal spoils a neighbour', async () => {
  await send({ claims: ['a', 'b', 'stale', 'twice'].map((key) => aClaim(`end-${key}`)) })
  const { completions } = await send({
    completions: [
      aCompletion('end-a', { result: envelope(3) }),
      aCompletion('end-never'),
      aCompletion('end-stale', { fence: 2 }),
      aCompletion('end-b', { state: 'dead' }),
      aCompletion('end-b', { state: 'done' }),
      aCompletion('end-twice'),
      aCompletion('end-twice'),
    ],
  })
  expect(completions).toEqual([
    { idempotency_key: 'end-a', completed: true },
    { idempotency_key: 'end-never', completed: false, code: 'RECEIPT_UNKNOWN' },
    { idempotency_key: 'end-stale', completed: false, code: 'FENCE_STALE' },
    { idempotency_key: 'end-b', completed: true },
    { idempotency_key: 'end-b', completed: false, code: 'FENCE_STALE' },
    { idempotency_key: 'end-twice', completed: true },
    { idempotency_key: 'end-twice', completed: true },
  ])
  expect((await kinds('end-')).filter((entry) => entry.startsWith('receipt.completed'))).toEqual([
    'receipt.completed end-a 1',
    'receipt.completed end-b 1',
    'receipt.completed end-twice 1',
  ])
  const [entry] = await at.stack
    .sql`select result_digest from public.maestro_audit_logs where kind = 'receipt.completed' and idempotency_key = 'end-a'`
  expect(entry?.['result_digest']).toBe(createHash('sha256').update(envelope(3)).digest('hex'))
})

test('the same claim twice in one batch is one claim; another holder’s or another meaning is not', async () => {
  const { claims } = await send({
    claims: [aClaim('dup'), aClaim('dup'), aClaim('dup', { trace_id: 't2' }), aClaim('dup', { params_digest: 'b'.repeat(64) })],
  })
  expect(claims).toMatchObject([{ claimed: true, fence: 1 }, { claimed: true, fence: 1 }, { code: 'IN_PROGRESS' }, { code: 'KEY_REUSED' }])
  const again = await send({ claims: [aClaim('dup'), aClaim('dup')] })
  expect(again.claims).toMatchObject([
    { claimed: true, fence: 2 },
    { claimed: true, fence: 2 },
  ])
  expect(await kinds('dup')).toEqual(['receipt.claimed dup 1', 'receipt.taken-over dup 2'])
})

test('a completion counts as asked before a claim of the same key', async () => {
  await send({ claims: [aClaim('both-known')] })
  const { claims, completions } = await send({
    claims: [aClaim('both-known'), aClaim('both-new')],
    completions: [aCompletion('both-known'), aCompletion('both-new')],
  })
  expect(completions).toMatchObject([{ completed: true }, { completed: false, code: 'RECEIPT_UNKNOWN' }])
  expect(claims).toMatchObject([
    { claimed: false, idempotent: true, state: 'done' },
    { claimed: true, fence: 1 },
  ])
  expect(await rows('both-new')).toMatchObject([{ state: 'claimed' }])
})

test('the same batch again is harmless: nothing ends twice, and one holder’s claims stay that holder’s', async () => {
  await send({ claims: [aClaim('again-x')] })
  const batch = { claims: [aClaim('again-y'), aClaim('again-z')], completions: [aCompletion('again-x', { result: envelope(1) })] }
  await send(batch)
  const before = await verdict()
  const { claims, completions } = await send(batch)
  expect(completions).toEqual([{ idempotency_key: 'again-x', completed: true }])
  expect(claims).toMatchObject([
    { claimed: true, fence: 2 },
    { claimed: true, fence: 2 },
  ])
  expect(await verdict()).toEqual({ ...before, entries: before.entries + 2 })
})

test('a batch and single requests know the same receipts', async () => {
  await send({ claims: [aClaim('joint')] })
  const single = (path: string, body: object) =>
    at.stack.call('POST', `/functions/v1/maestro-sync/${path}`, { token: at.token, body: { tenant_id: 'demo', idempotency_key: 'joint', ...body } })
  const claimed = await single('claim-receipt', { trace_id: 'other', action: 'email.send' })
  expect([claimed.status, claimed.body['code']]).toEqual([409, 'IN_PROGRESS'])
  expect((await single('complete-receipt', { fence: 1, state: 'done', result: envelope(2) })).body).toEqual({ completed: true })
  const { claims } = await send({ claims: [aClaim('joint')] })
  expect(claims[0]).toMatchObject({ claimed: false, idempotent: true, state: 'done', result: envelope(2) })
})

test('results beyond what one answer carries are left for the next one, and one always fits', async () => {
  const big = envelope(5, 380_000)
  const keys = ['large-a', 'large-b', 'large-c', 'large-d']
  await send({ claims: keys.map((key) => aClaim(key)) })
  for (const key of keys) await send({ completions: [aCompletion(key, { result: big })] })
  const { claims } = await send({ claims: [...keys.map((key) => aClaim(key)), aClaim('large-new')] })
  expect(claims.map((claim) => claim['code'] ?? claim['state'] ?? claim['claimed'])).toEqual(['done', 'done', 'IN_PROGRESS', 'IN_PROGRESS', true])
  const rest = await send({ claims: [aClaim('large-c'), aClaim('large-d')] })
  expect(rest.claims.map(({ result }) => result)).toEqual([big, big])
})

test('a device’s report rides along and is kept once per device and day', async () => {
  const report = { crypto_initialized: true, blocked_operations: 4, man_mode_escalations: 1, sync_success_rate: null }
  await send({ device_id: 'reporter', report })
  await send({ device_id: 'reporter', report: { ...report, blocked_operations: 6 } })
  const reports = await at.stack.sql`select blocked_operations from public.maestro_device_reports where device_id = 'reporter'`
  expect(Array.from(reports)).toEqual([{ blocked_operations: 6 }])
})

test('trap 10: another principal’s and another tenant’s keys are other receipts, and theirs cannot be ended', async () => {
  await send({ claims: [aClaim('theirs')] })
  const ben = await at.stack.token({ sub: 'principal-2' })
  const far = await at.stack.token({ tenant: 'far' })
  for (const [token, tenant] of [
    [ben, 'demo'],
    [far, 'far'],
  ] as const) {
    const answer = await send({ tenant_id: tenant, completions: [aCompletion('theirs')], claims: [aClaim('theirs', { trace_id: 'x' })] }, token)
    expect(answer.completions).toMatchObject([{ code: 'RECEIPT_UNKNOWN' }])
    expect(answer.claims).toMatchObject([{ claimed: true, fence: 1 }])
  }
  expect((await send({ completions: [aCompletion('theirs')] })).completions).toMatchObject([{ completed: true }])
})

test('a batch for another tenant is refused whole and leaves no row', async () => {
  const answer = await send({ tenant_id: 'far', claims: [aClaim('cross')] })
  expect([answer.status, answer.body['code']]).toEqual([403, 'TENANT_MISMATCH'])
  expect(await rows('cross')).toHaveLength(0)
})

test('law 3: the audit chain is whole after all of this', async () => {
  expect(await verdict()).toMatchObject({ intact: true, broken_at: null })
})

test('a claim that takes over what another trace began says so, also when it is asked again after its answer was lost', async () => {
  await send({ claims: [aClaim('begun-other'), aClaim('begun-mine')] })
  await endLease('begun-other')
  const mine = { trace_id: 't2' }
  const told = { idempotency_key: 'begun-other', claimed: true, begun_elsewhere: true }
  expect((await send({ claims: [aClaim('begun-other', mine)] })).claims).toEqual([{ ...told, fence: 2 }])
  expect((await send({ claims: [aClaim('begun-other', mine)] })).claims).toEqual([{ ...told, fence: 3 }])
  expect((await send({ claims: [aClaim('begun-mine')] })).claims).toEqual([{ idempotency_key: 'begun-mine', claimed: true, fence: 2 }])
})
