import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKillVersion } from '../../supabase/functions/_shared/kill-version.ts'
import { createMaestroHealth } from '../../supabase/functions/maestro-health/handler.ts'
import { START_MS, testStack } from './support/test-stack.ts'
import type { TestStack } from './support/test-stack.ts'

const FLAG = '/functions/v1/maestro-flag'
let stack: TestStack

beforeAll(async () => {
  stack = await testStack()
}, START_MS)
afterAll(() => stack.remove(), START_MS)

const text = async (path: string): Promise<string> => (await stack.handle(new Request(`http://localhost${path}`)))?.text() ?? ''
const flip = (body: unknown, token: string | undefined = stack.adminToken) => stack.call('PUT', FLAG, { body, token })
const METRICS = '"crypto_initialized":false,"receipt_claims_today":0,"blocked_operations":0,"man_mode_escalations":0,"sync_success_rate":null'

test('a fresh install’s kill document is version 1, run, accepted for a week', async () => {
  const { status, body, headers } = await stack.call('GET', FLAG)
  expect([status, body['version'], body['action'], headers.get('x-maestro-kill-version')]).toEqual([200, 1, 'run', '1'])
  expect(Object.keys(body)).toEqual(['version', 'issued', 'expires', 'action', 'document'])
  expect(Date.parse(String(body['expires'])) - Date.now()).toBeGreaterThan(6 * 86_400_000)
  expect(Date.parse(String(body['issued']))).toBeLessThanOrEqual(Date.now() + 1_000)
})

test('REQ 1-4: health answers the runbook’s JSON, byte for byte, at both names', async () => {
  for (const path of ['/maestro-health', '/health', '/functions/v1/maestro-health']) {
    expect(await text(path)).toBe('{"status":"healthy","maestro_enabled":true,"version":"1.0.0"}')
  }
  expect(await text('/maestro-health?verbose')).toBe(`{"status":"healthy","maestro_enabled":true,"version":"1.0.0",${METRICS}}`)
})

test('REQ 0-2: the operator’s token flips; versions rise, every answer tells, health follows', async () => {
  const killed = await flip({ action: 'kill', reason: 'drill', incident: 'INC-1' })
  expect([killed.status, killed.body['version'], killed.body['action'], killed.body['reason'], killed.body['incident']]).toEqual([
    200,
    2,
    'kill',
    'drill',
    'INC-1',
  ])
  expect(killed.headers.get('x-maestro-kill-version')).toBe('2')
  expect((await stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', { body: {} })).headers.get('x-maestro-kill-version')).toBe('2')
  expect(await text('/maestro-health')).toBe('{"status":"disabled","maestro_enabled":false}')
  expect(await text('/maestro-health?verbose')).toBe(`{"status":"disabled","maestro_enabled":false,${METRICS}}`)
  const resumed = await flip({ action: 'run' })
  expect([resumed.body['version'], resumed.body['action'], 'reason' in resumed.body]).toEqual([3, 'run', false])
  expect((await stack.call('GET', '/maestro-health')).body['status']).toBe('healthy')
})

test.each([
  ['readonly', 'healthy'],
  ['drain', 'healthy'],
  ['safe-worker', 'disabled'],
  ['run', 'healthy'],
])('under %s health says %s', async (action, status) => {
  await flip({ action })
  expect((await stack.call('GET', '/maestro-health')).body['status']).toBe(status)
})

test('concurrent flips get different versions', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => flip({ action: 'run' })))
  expect(new Set(answers.map(({ body }) => body['version'])).size).toBe(10)
})

test('a flip without the operator’s token changes nothing', async () => {
  const before = (await stack.call('GET', FLAG)).body['version']
  const user = await stack.token()
  const refused = await Promise.all([
    stack.call('PUT', FLAG, { body: { action: 'kill' } }),
    flip({ action: 'kill' }, user),
    flip({ action: 'kill' }, `${stack.adminToken}x`),
    flip({ action: 'kill' }, stack.adminToken.slice(0, -1)),
  ])
  expect(refused.map(({ status }) => status)).toEqual([401, 403, 403, 403])
  expect((await stack.call('GET', FLAG)).body['version']).toBe(before)
})

test.each([
  {},
  { action: 'KILL' },
  { action: 'kill', version: 99 },
  { action: 'kill', reason: '' },
  { action: 'kill', reason: 'x'.repeat(501) },
  '<html>',
  '',
])('a flip with the body %j is refused', async (body) => {
  const before = (await stack.call('GET', FLAG)).body['version']
  expect((await flip(body)).status).toBe(400)
  expect((await stack.call('GET', FLAG)).body['version']).toBe(before)
})

test('secrets on disk are for their owner only', async () => {
  for (const name of ['admin.token', 'signing-key.json', 'postgres.password']) {
    expect((await stat(join(stack.dataDir, name))).mode & 0o777).toBe(0o600)
  }
})

const health = (enabled: boolean) => {
  const killVersion = createKillVersion(stack.sql)
  const handler = createMaestroHealth({ sql: stack.sql, enabled, version: '1.0.0', killVersion, log: () => undefined })
  return handler.fetch(new Request('http://localhost/maestro-health'))
}

test('REQ 0-24: health is unhealthy while a table or the claim function is missing', async () => {
  await stack.sql`alter table public.maestro_sync_store rename to maestro_sync_store_away`
  const withoutTable = await health(true)
  await stack.sql`alter table public.maestro_sync_store_away rename to maestro_sync_store`
  await stack.sql`alter function public.maestro_claim_receipt rename to maestro_claim_receipt_away`
  const withoutFunction = await health(true)
  await stack.sql`alter function public.maestro_claim_receipt_away rename to maestro_claim_receipt`
  for (const answer of [withoutTable, withoutFunction]) {
    expect([answer.status, await answer.text()]).toEqual([503, '{"status":"unhealthy","maestro_enabled":true,"version":"1.0.0"}'])
  }
  expect((await health(true)).status).toBe(200)
})

test('whoever asks health again and again reads the database once in ten seconds, and hears of a flip at once', async () => {
  const killVersion = createKillVersion(stack.sql)
  let reads = 0
  const sql = new Proxy(stack.sql, {
    get(target, name, receiver) {
      if (name === 'reserve') reads += 1
      return Reflect.get(target, name, receiver)
    },
  })
  const handler = createMaestroHealth({ sql, enabled: true, version: '1.0.0', killVersion, log: () => undefined })
  const ask = async (path: string) => (await handler.fetch(new Request(`http://localhost/maestro-health${path}`))).text()
  await Promise.all(Array.from({ length: 20 }, () => ask('')))
  expect(reads).toBe(1)
  for (let time = 0; time < 5; time += 1) await ask('?verbose')
  expect(reads).toBe(1)
  await Promise.all(Array.from({ length: 20 }, () => ask('/metrics')))
  expect(reads).toBe(2)
  const { body } = await flip({ action: 'kill' })
  killVersion.note(Number(body['version']))
  expect(await ask('')).toBe('{"status":"disabled","maestro_enabled":false}')
  await flip({ action: 'run' })
})

test('what health reads is found by an index, however many receipts have ended', async () => {
  const plan = await stack.sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`
    return tx`explain select count(*) from public.maestro_execution_receipts where state = 'claimed' and lease_until < clock_timestamp() - interval '15 minutes'`
  })
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('maestro_execution_receipts_open')
})

test('REQ 2-4: a disabled build answers disabled with or without the database', async () => {
  expect(await (await health(false)).text()).toBe('{"status":"disabled","maestro_enabled":false}')
  await stack.stop()
  const answer = await health(false)
  expect([answer.status, await answer.text()]).toEqual([200, '{"status":"disabled","maestro_enabled":false}'])
})

test('with the database stopped health answers 503 unhealthy and claims answer 503 JSON', async () => {
  await stack.stop()
  const answer = await stack.call('GET', '/maestro-health')
  expect([answer.status, answer.body]).toEqual([503, { status: 'unhealthy', maestro_enabled: true, version: '1.0.0' }])
  const claim = await stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', {
    token: await stack.token(),
    body: { tenant_id: 'demo', idempotency_key: 'k', trace_id: 't', action: 'a' },
  })
  expect([claim.status, claim.body['code'], claim.headers.get('retry-after')]).toEqual([503, 'STORE_UNAVAILABLE', '5'])
})
