import { expect, test } from 'vitest'
import { envelope } from './support/envelope.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'
import type { SyncBody } from './support/sync.ts'

const at = fileStack()
const send = (body: SyncBody, token = at.token) => sync(at.stack, token, body)
const raw = (body: unknown, options: { token?: string; headers?: Record<string, string> } = {}) =>
  at.stack.call('POST', '/functions/v1/maestro-sync', { token: at.token, body, ...options })
const whole = { tenant_id: 'demo', device_id: 'device-1' }
const claims = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => aClaim(`${prefix}-${index}`))
const stored = async (prefix: string): Promise<number> =>
  (await at.stack.sql`select from public.maestro_execution_receipts where starts_with(idempotency_key, ${prefix})`).length

test.each([
  ['HTML', '<!doctype html><title>Sign in</title>'],
  ['nothing', ''],
  ['half a document', '{"tenant_id":"demo","device_id":"d","claims":[{"idemp'],
  ['a list', '[]'],
  ['null', 'null'],
])('a batch that is %s answers 400 JSON', async (_name, body) => {
  const answer = await raw(body)
  expect([answer.status, answer.body['code']]).toEqual([400, 'BODY_INVALID'])
})

test.each([
  ['tenant_id', { tenant_id: null }],
  ['device_id', { device_id: '' }],
  ['device_id', { device_id: 'x'.repeat(129) }],
  ['claims', { claims: {} }],
  ['completions', { completions: 'none' }],
  ['audit', { audit: null }],
  ['report.sync_success_rate', { report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 0, sync_success_rate: 7 } }],
])('a batch with a wrong %s names the field', async (field, wrong) => {
  const answer = await raw({ ...whole, ...wrong })
  expect([answer.status, answer.body['message']]).toEqual([400, `The field "${field}" is missing or wrong.`])
})

test('no token, a foreign one and an anonymous one answer 401 and leave no row', async () => {
  for (const token of ['', 'nonsense', await at.stack.token({ role: 'anon' })]) {
    expect((await raw({ ...whole, claims: [aClaim('anon')] }, { token })).status).toBe(401)
  }
  expect(await stored('anon')).toBe(0)
})

test('500 items are taken, 501 are refused whole, whichever lists they stand in', async () => {
  expect((await send({ claims: claims(500, 'full') })).claims).toHaveLength(500)
  for (const body of [
    { claims: claims(501, 'over') },
    { claims: claims(250, 'over'), completions: Array.from({ length: 251 }, (_, index) => aCompletion(`over-${index}`)) },
    { claims: claims(1, 'over'), audit: Array.from({ length: 500 }, () => ({})) },
  ]) {
    const answer = await send(body)
    expect([answer.status, answer.body['code']]).toEqual([413, 'BATCH_TOO_LARGE'])
  }
  expect(await stored('over')).toBe(0)
  expect(await stored('full')).toBe(500)
})

test('a body of just under 1 MiB is taken, one above is refused, whatever its length header says', async () => {
  const completion = aCompletion('heavy', { result: envelope(1, 380_000) })
  expect((await send({ completions: [completion, completion] })).status).toBe(200)
  const body = JSON.stringify({ ...whole, completions: [completion, completion, completion] })
  expect(body.length).toBeGreaterThan(1024 * 1024)
  for (const headers of [{}, { 'content-length': '10' }]) {
    const answer = await raw(body, { headers })
    expect([answer.status, answer.body['code']]).toEqual([413, 'BODY_TOO_LARGE'])
  }
})

test.each([
  ['an empty key', aClaim('')],
  ['a key of 256 characters', aClaim('x'.repeat(256))],
  ['a key with a line break', aClaim('bad\nkey')],
  ['a key with a NUL', aClaim('bad\u0000key')],
  ['a key with half a character', aClaim('bad\ud800')],
  ['a number for a key', { ...aClaim('x'), idempotency_key: 7 }],
  ['no trace', aClaim('bad-trace', { trace_id: undefined })],
  ['a wrong digest', aClaim('bad-digest', { params_digest: 'A'.repeat(64) })],
  ['a wrong lane', aClaim('bad-lane', { lane: 'PINK' })],
  ['nothing', null],
  ['a list', []],
])('a claim with %s is answered by itself, and its neighbours are granted', async (name, wrong) => {
  const answer = await send({ claims: [aClaim(`before ${name}`), wrong, aClaim(`after ${name}`)] })
  expect(answer.claims).toMatchObject([{ claimed: true }, { claimed: false, code: 'ITEM_INVALID' }, { claimed: true }])
  expect(await stored('bad')).toBe(0)
})

test.each([
  ['a fence of 0', { fence: 0 }],
  ['a fence as text', { fence: '1' }],
  ['a state that does not end', { state: 'claimed' }],
  ['a result in plain words', { result: 'plain words' }],
  ['a result that is JSON', { result: Buffer.from(JSON.stringify({ note: 'x'.repeat(200) })).toString('base64url') }],
  ['no result', { result: undefined }],
])('a completion with %s is answered by itself, and its neighbours end', async (name, wrong) => {
  await send({ claims: ['first', 'middle', 'last'].map((place) => aClaim(`${place} ${name}`)) })
  const answer = await send({ completions: [aCompletion(`first ${name}`), aCompletion(`middle ${name}`, wrong), aCompletion(`last ${name}`)] })
  expect(answer.completions).toEqual([
    { idempotency_key: `first ${name}`, completed: true },
    { idempotency_key: `middle ${name}`, completed: false, code: 'ITEM_INVALID' },
    { idempotency_key: `last ${name}`, completed: true },
  ])
})

test.each(['a/b', '100%', '%2F', 'é', '😀'.repeat(127), 'a"b\\c', "'; drop table x; --", '{"a":1}', ' '])(
  'the key %j is claimed, ended and looked up verbatim',
  async (key) => {
    expect((await send({ claims: [aClaim(key)] })).claims).toEqual([{ idempotency_key: key, claimed: true, fence: 1 }])
    expect((await send({ completions: [aCompletion(key)] })).completions).toEqual([{ idempotency_key: key, completed: true }])
    const found = await at.stack.call('GET', `/functions/v1/maestro-sync/receipt/${encodeURIComponent(key)}`, { token: at.token })
    expect(found.body).toMatchObject({ state: 'done' })
  },
)

test('a batch counts as one request against the rate', async () => {
  const token = await at.stack.token({ sub: 'busy' })
  const answers = []
  for (let batch = 0; batch < 25; batch += 1) answers.push((await send({ claims: claims(500, 'rate') }, token)).status)
  expect(new Set(answers)).toEqual(new Set([200]))
})

test('the audit chain holds every one of these keys and is whole', async () => {
  const [row] = await at.stack.sql`select public.maestro_verify_audit('demo') as verdict`
  expect(row?.['verdict']).toMatchObject({ intact: true, broken_at: null })
  expect(row?.['verdict'].entries).toBeGreaterThan(500)
})
