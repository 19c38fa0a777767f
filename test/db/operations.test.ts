import { expect, test } from 'vitest'
import { createClaimCounts } from '../../supabase/functions/_shared/claim-counts.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const at = fileStack()
const OPS = '/functions/v1/maestro-health/ops'
const operator = (path: string, method = 'GET') => at.stack.call(method, `${OPS}${path}`, { token: at.stack.adminToken })
const text = async (path: string): Promise<string> => (await at.stack.handle(new Request(`http://localhost${path}`)))?.text() ?? ''
const figure = (page: string, name: string): string | undefined => new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1]
const report = (count: number, rate: number | null = null, ready = true) => ({
  crypto_initialized: ready,
  blocked_operations: 2,
  man_mode_escalations: count,
  sync_success_rate: rate,
})

test('the operator’s routes open to the operator’s token only', async () => {
  const user = await at.stack.token()
  const asked = await Promise.all([
    at.stack.call('GET', `${OPS}/state`),
    at.stack.call('GET', `${OPS}/state`, { token: user }),
    at.stack.call('GET', `${OPS}/state`, { token: `${at.stack.adminToken}x` }),
    at.stack.call('POST', `${OPS}/probe`, { token: user }),
    operator('/state'),
  ])
  expect(asked.map(({ status }) => status)).toEqual([401, 403, 403, 403, 200])
})

test('REQ 1-41, 1-42, 1-43, 1-44, 1-45: the six metrics by health and as Prometheus text, with their values before any device reported', async () => {
  const page = await text('/metrics')
  expect(await text('/maestro-health/metrics')).toBe(page)
  const names = ['enabled', 'crypto_initialized', 'receipt_claims_today', 'blocked_operations', 'man_mode_escalations', 'sync_success_rate']
  expect(names.map((name) => figure(page, `maestro_${name}`))).toEqual(['1', '0', '0', '0', '0', 'NaN'])
  await sync(at.stack, at.token, { claims: [aClaim('six-1'), aClaim('six-2')], report: report(5, 0.98) })
  const after = await text('/metrics')
  expect(names.map((name) => figure(after, `maestro_${name}`))).toEqual(['1', '1', '2', '2', '5', '0.98'])
  expect((await at.stack.call('GET', '/maestro-health?verbose')).body).toMatchObject({
    crypto_initialized: true,
    receipt_claims_today: 2,
    blocked_operations: 2,
    man_mode_escalations: 5,
    sync_success_rate: 0.98,
  })
  for (const line of after.trim().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) maestro_\w+ .+|maestro_\w+(\{version="1\.0\.0"\})? (NaN|[\d.]+))$/)
  await sync(at.stack, at.token, { device_id: 'device-2', report: report(0, null, false) })
  expect((await operator('/devices')).body['items']).toMatchObject([
    { device_id: 'device-2', crypto_initialized: false },
    { device_id: 'device-1', crypto_initialized: true, man_mode_escalations: 5 },
  ])
  expect(figure(await text('/metrics'), 'maestro_crypto_initialized')).toBe('0')
})

test('REQ 1-48: escalations count when they are told, each once, for one hour', async () => {
  const told = async () => ((await operator('/signals')).body['escalations'] as { count: number }).count
  const before = await told()
  const count = async () => (await told()) - before
  await sync(at.stack, at.token, { device_id: 'device-3', report: report(4) })
  await sync(at.stack, at.token, { device_id: 'device-3', report: report(4) })
  expect(await count()).toBe(4)
  await sync(at.stack, at.token, { device_id: 'device-3', report: report(11) })
  expect(await count()).toBe(11)
  await sync(at.stack, at.token, { device_id: 'device-3', report: report(2) })
  await sync(at.stack, at.token, { device_id: 'device-3', report: report(3) })
  expect(await count(), 'a worker that started anew counts from zero').toBe(14)
  const [device] = (await operator('/devices')).body['items'] as { man_mode_escalations: number }[]
  expect(device?.man_mode_escalations).toBe(14)
  await at.stack.sql`update public.maestro_escalations set at = at - interval '61 minutes'`
  expect(await count()).toBe(-before)
})

test('REQ 1-46: claim failures are counted; duplicates, waiting and strangers are none', async () => {
  const url = '/functions/v1/maestro-sync/claim-receipt'
  const body = { tenant_id: 'demo', idempotency_key: 'alert-1', trace_id: 't1', action: 'email.send' }
  const counts = createClaimCounts(at.stack.sql)
  const { token } = at
  const statuses: number[] = []
  for (const [other, as] of [
    [{}, token],
    [{ trace_id: 't2' }, token],
    [{ action: 'other' }, token],
    [{ tenant_id: 'other' }, token],
    [{}, undefined],
    [{ idempotency_key: '' }, token],
  ] as const) {
    const { status } = await at.stack.call('POST', url, { token: as, body: { ...body, ...other } })
    statuses.push(status)
    counts.status(status)
  }
  expect(statuses).toEqual([200, 409, 422, 403, 401, 400])
  await at.stack.sql`delete from public.maestro_claim_minutes`
  await counts.flush()
  const signals = (await operator('/signals')).body
  expect(signals['claims']).toEqual({ attempts: 5, failures: 3, window_s: 900 })
  counts.items([
    { claimed: true },
    { claimed: false, idempotent: true },
    { claimed: false, code: 'IN_PROGRESS' },
    { claimed: false, code: 'KEY_REUSED' },
  ])
  await counts.flush()
  await counts.flush()
  expect((await operator('/signals')).body['claims']).toEqual({ attempts: 9, failures: 4, window_s: 900 })
  await at.stack.sql`update public.maestro_claim_minutes set minute = minute - interval '16 minutes'`
  expect((await operator('/signals')).body['claims']).toEqual({ attempts: 0, failures: 0, window_s: 900 })
})

test('counts that could not be told are told next time', async () => {
  const counts = createClaimCounts(at.stack.sql)
  await at.stack.sql`alter function public.maestro_note_claims rename to maestro_note_claims_away`
  counts.status(500)
  await counts.flush()
  await at.stack.sql`alter function public.maestro_note_claims_away rename to maestro_note_claims`
  await at.stack.sql`delete from public.maestro_claim_minutes`
  await counts.flush()
  expect((await operator('/signals')).body['claims']).toMatchObject({ attempts: 1, failures: 1 })
})

test('REQ 1-51: the probe claims, joins, completes and repeats, and leaves nothing behind', async () => {
  expect((await operator('/probe', 'POST')).body).toEqual({ granted: true, held: true, completed: true, idempotent: true })
  const [row] = await at.stack.sql`select (select count(*)::int from public.maestro_execution_receipts where tenant_id = 'maestro-probe') as receipts,
    (select count(*)::int from public.maestro_audit_logs where tenant_id = 'maestro-probe') as entries`
  expect(row).toEqual({ receipts: 0, entries: 0 })
})

test('REQ 1-53: stuck receipts are listed, and only those', async () => {
  await sync(at.stack, at.token, { claims: [aClaim('stuck-1'), aClaim('stuck-2'), aClaim('ended')] })
  await sync(at.stack, at.token, { completions: [aCompletion('ended')] })
  await at.stack.sql`update public.maestro_execution_receipts set lease_until = clock_timestamp() - interval '16 minutes'
    where idempotency_key in ('stuck-1', 'ended')`
  const { items } = (await operator('/receipts?stuck=1')).body as { items: { idempotency_key: string }[] }
  expect(items.map((item) => item.idempotency_key)).toEqual(['stuck-1'])
  expect((await operator('/signals')).body['stuck']).toEqual({ count: 1, after_s: 900 })
})

test('REQ 0-19: a receipt is shown with its audit entries, and the chain is told page by page', async () => {
  const { items } = (await operator('/receipts/ended')).body as { items: { state: string; audit: { kind: string }[] }[] }
  expect(items.map(({ state, audit }) => [state, audit.map(({ kind }) => kind)])).toEqual([['done', ['receipt.claimed', 'receipt.completed']]])
  expect((await operator('/receipts/never')).status).toBe(404)
  const all = (await operator('/audit?tenant=demo')).body as { items: { seq: number }[]; head: { seq: number } }
  expect(all.items.map(({ seq }) => seq)).toEqual(Array.from({ length: all.head.seq }, (_, index) => index + 1))
  const tail = (await operator('/audit?tenant=demo&last=2')).body as typeof all
  expect(tail.items.map(({ seq }) => seq)).toEqual([all.head.seq - 1, all.head.seq])
  expect((await operator('/audit/verify?tenant=demo')).body).toMatchObject({ intact: true, entries: all.head.seq })
  expect((await operator('/audit')).status).toBe(400)
})

test('runs: the caller’s own executions page by page, by status, and none of another’s', async () => {
  const person = await at.stack.token({ sub: 'pager' })
  await sync(at.stack, person, { claims: Array.from({ length: 7 }, (_, index) => aClaim(`run-${index}`)) })
  await sync(at.stack, person, { completions: [aCompletion('run-3')] })
  const list = async (query: string, token: string | undefined = person) => at.stack.call('GET', `/api/maestro/v1/runs${query}`, { token })
  const keys: string[] = []
  for (let cursor: unknown = ''; cursor !== null;) {
    const { body } = await list(`?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
    keys.push(...(body['items'] as { idempotency_key: string }[]).map((item) => item.idempotency_key))
    cursor = body['cursor']
  }
  expect(keys.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `run-${index}`))
  expect(((await list('?status=done')).body['items'] as unknown[]).length).toBe(1)
  expect((await list('?tenant=other')).body['items']).toHaveLength(7)
  expect((await list('', await at.stack.token({ sub: 'nobody' }))).body['items']).toEqual([])
  expect((await at.stack.call('GET', '/api/maestro/v1/runs')).status).toBe(401)
  for (const query of ['?status=DONE', '?limit=0', '?limit=501', '?limit=x', '?cursor=x', '?cursor=eyJhIjoxfQ'])
    expect([query, (await list(query)).status]).toEqual([query, 400])
})

test('runs answers 503 while the kill document stops everything, and again when it is taken back', async () => {
  await at.stack.sql`select public.maestro_publish_kill('kill')`
  const killed = await at.stack.call('GET', '/api/maestro/v1/runs', { token: at.token })
  expect([killed.status, killed.body['code']]).toEqual([503, 'DISABLED'])
  await at.stack.sql`select public.maestro_publish_kill('run')`
  expect((await at.stack.call('GET', '/api/maestro/v1/runs', { token: at.token })).status).toBe(200)
})
