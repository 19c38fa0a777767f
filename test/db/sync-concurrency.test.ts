import { expect, test } from 'vitest'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const ROUNDS = 20
const KEYS = 60

const at = fileStack()
const keysOf = (round: string) => Array.from({ length: KEYS }, (_, index) => `${round}-${index}`)
const verdict = async () => (await at.stack.sql`select public.maestro_verify_audit('demo') as verdict`)[0]?.['verdict']
const send = (device: string, body: Parameters<typeof sync>[2]) => sync(at.stack, at.token, { device_id: device, ...body })

test('law 5: two devices that claim the same keys at once, in opposite orders, get each key once, and never wait in a circle', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const keys = keysOf(`both-${round}`)
    const [first, second] = await Promise.all([
      send('device-1', { claims: keys.map((key) => aClaim(key, { trace_id: 'one' })) }),
      send('device-2', { claims: keys.toReversed().map((key) => aClaim(key, { trace_id: 'two' })) }),
    ])
    expect([first.status, second.status]).toEqual([200, 200])
    const granted = [...first.claims, ...second.claims].filter(({ claimed }) => claimed === true)
    expect(granted.map((claim) => String(claim['idempotency_key'])).toSorted()).toEqual(keys.toSorted())
  }
  expect(await verdict()).toMatchObject({ intact: true })
})

test('two devices that end what the other claims, and claim what the other ends, never wait in a circle', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [left, right] = [keysOf(`left-${round}`), keysOf(`right-${round}`)]
    await send('device-1', { claims: left.map((key) => aClaim(key)) })
    await send('device-2', { claims: right.map((key) => aClaim(key)) })
    const answers = await Promise.all([
      send('device-1', { completions: left.map((key) => aCompletion(key)), claims: right.map((key) => aClaim(key, { trace_id: 'other' })) }),
      send('device-2', {
        completions: right.toReversed().map((key) => aCompletion(key)),
        claims: left.toReversed().map((key) => aClaim(key, { trace_id: 'other' })),
      }),
    ])
    for (const { status, completions } of answers) {
      expect(status).toBe(200)
      expect(completions.every(({ completed }) => completed === true)).toBe(true)
    }
  }
  expect(await verdict()).toMatchObject({ intact: true })
})

test('batches and single claims of the same keys give each key to one holder, and never wait in a circle', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const keys = keysOf(`mixed-${round}`).slice(0, 20)
    const single = async (key: string) =>
      (
        await at.stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', {
          token: at.token,
          body: { tenant_id: 'demo', ...aClaim(key, { trace_id: 'single' }) },
        })
      ).body
    const [batch, ...singles] = await Promise.all([
      send('device-1', { claims: keys.map((key) => aClaim(key, { trace_id: 'batch' })) }),
      ...keys.toReversed().map((key) => single(key)),
    ])
    expect(batch.status).toBe(200)
    const others = new Map(keys.toReversed().map((key, index) => [key, singles[index]?.['claimed'] === true]))
    for (const claim of batch.claims) expect(others.get(String(claim['idempotency_key']))).toBe(claim['claimed'] !== true)
  }
  expect(await verdict()).toMatchObject({ intact: true })
})

test('batches of many principals of one tenant at once make one unbroken chain', async () => {
  const before = await verdict()
  const tokens = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((sub) => at.stack.token({ sub })))
  const answers = await Promise.all(tokens.map((token) => sync(at.stack, token, { claims: keysOf('crowd').map((key) => aClaim(key)) })))
  for (const { claims } of answers) expect(claims.every(({ claimed, fence }) => claimed === true && fence === 1)).toBe(true)
  expect(await verdict()).toEqual({ ...before, intact: true, entries: before.entries + tokens.length * KEYS })
})

test('law 3: a batch whose transaction fails leaves neither receipts nor entries nor a gap', async () => {
  const before = await verdict()
  const claims = JSON.stringify(keysOf('undone').map((key) => aClaim(key)))
  await expect(
    at.stack.sql.begin(async (tx) => {
      await tx`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', '{"sub":"principal-1","app_metadata":{"tenant_id":"demo"}}', true)`
      await tx`select public.maestro_sync_batch('demo', 'device-1', ${claims}::text::jsonb, '[]', '[]'), 1 / 0`
    }),
  ).rejects.toMatchObject({ code: '22012' })
  expect(await verdict()).toEqual(before)
  expect(await at.stack.sql`select from public.maestro_execution_receipts where starts_with(idempotency_key, 'undone')`).toHaveLength(0)
})
