import { expect, test } from 'vitest'
import { asRole } from './support/as-role.ts'
import { envelope } from './support/envelope.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()

type Row = { store: string; record: string; rev: number; gone: boolean; envelope: string }
type Pushed = { accepted: boolean; rev?: number; row?: Row; code?: string }
type Answer = { pushed: Pushed[]; rows: Row[]; through: number; more: boolean }

const change = (record: string, base = 0, fill = 1, other: object = {}) => ({
  store: 't1_core',
  record,
  base,
  gone: false,
  envelope: envelope(fill),
  ...other,
})

const post = (body: object, token?: string) =>
  at.stack.call('POST', '/functions/v1/maestro-sync/memory', {
    token: token ?? at.token,
    body: { tenant_id: 'demo', device_id: 'device-1', ...body },
  })

const exchange = async (person: string, body: object): Promise<Answer> => {
  const answer = await post(body, await at.stack.token({ sub: person }))
  expect(answer.status).toBe(200)
  return answer.body as unknown as Answer
}

test('a change is numbered, another device reads it once, and reads nothing twice (REQ 1-40)', async () => {
  const first = await exchange('read-once', { push: [change('a'), change('b')] })
  expect(first.pushed).toEqual([
    { accepted: true, rev: 1 },
    { accepted: true, rev: 2 },
  ])
  expect(first).toMatchObject({ rows: [], through: 2, more: false })
  const other = await exchange('read-once', { device_id: 'device-2' })
  expect(other.rows.map(({ record, rev, envelope: bytes }) => [record, rev, bytes])).toEqual([
    ['a', 1, envelope(1)],
    ['b', 2, envelope(1)],
  ])
  expect(await exchange('read-once', { device_id: 'device-2', since: other.through })).toMatchObject({ rows: [], through: 2 })
})

test('a device that did not know of a change gets it instead of writing over it', async () => {
  await exchange('conflict', { push: [change('a', 0, 1)] })
  const late = await exchange('conflict', { device_id: 'device-2', push: [change('a', 0, 2)] })
  expect(late.pushed[0]).toMatchObject({ accepted: false, row: { record: 'a', rev: 1, envelope: envelope(1) } })
  const again = await exchange('conflict', { device_id: 'device-2', push: [change('a', 1, 2)] })
  expect(again.pushed[0]).toEqual({ accepted: true, rev: 2 })
  expect((await exchange('conflict', { since: 1 })).rows).toMatchObject([{ record: 'a', rev: 2, envelope: envelope(2) }])
})

test('ten devices at once: every change has its own number, and a reader misses none', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => exchange('ten', { device_id: `device-${i}`, push: [change(`r${i}`), change('same', 0, i)] })),
  )
  expect(answers.filter(({ pushed }) => pushed[1]?.accepted)).toHaveLength(1)
  const revs = answers.flatMap(({ pushed }) => pushed.flatMap(({ rev }) => rev ?? []))
  expect(new Set(revs).size).toBe(11)
  const all = await exchange('ten', {})
  expect(all.rows.map(({ rev }) => rev)).toEqual(revs.toSorted((a, b) => a - b))
})

test('a deletion overwrites what was there, and is told like any change', async () => {
  await exchange('gone', { push: [change('a', 0, 1)] })
  await exchange('gone', { push: [change('a', 1, 9, { gone: true })] })
  expect((await exchange('gone', {})).rows).toEqual([{ store: 't1_core', record: 'a', rev: 2, gone: true, envelope: envelope(9) }])
  const kept = await at.stack.sql`select encode(envelope, 'hex') as bytes from public.maestro_sync_store where principal_id = 'gone'`
  expect(kept).toHaveLength(1)
  expect(kept[0]?.['bytes']).not.toContain('0101010101')
})

test('marks of deletions go after the retention, and nothing else does', async () => {
  await exchange('old', { push: [change('kept'), change('old', 0, 1, { gone: true }), change('new', 0, 1, { gone: true })] })
  await at.stack.sql`alter table public.maestro_sync_store disable trigger maestro_sync_store_number`
  await at.stack.sql`update public.maestro_sync_store set updated_at = now() - interval '91 days' where principal_id = 'old' and record_id <> 'new'`
  await at.stack.sql`alter table public.maestro_sync_store enable trigger maestro_sync_store_number`
  await at.stack.sql`select public.maestro_forget_deletions()`
  expect((await exchange('old', {})).rows.map(({ record }) => record).toSorted()).toEqual(['kept', 'new'])
})

test('pages end at 200 rows and go on where they ended', async () => {
  for (let page = 0; page < 2; page++) await exchange('pages', { push: Array.from({ length: 150 }, (_, i) => change(`r${page}-${i}`)) })
  const first = await exchange('pages', { device_id: 'device-2' })
  expect([first.rows.length, first.more, first.through]).toEqual([200, true, 200])
  const rest = await exchange('pages', { device_id: 'device-2', since: first.through })
  expect([rest.rows.length, rest.more, rest.through]).toEqual([100, false, 300])
})

test('one row is read by name, by its owner only', async () => {
  await exchange('reader', { push: [change('unlockers', 0, 3, { store: 'account' })] })
  const read = { read: { store: 'account', record: 'unlockers' } }
  expect((await post(read, await at.stack.token({ sub: 'reader' }))).body).toMatchObject({ row: { rev: 1, envelope: envelope(3) } })
  expect((await post(read, await at.stack.token({ sub: 'somebody' }))).body).toEqual({ row: null })
  expect((await post(read, await at.stack.token({ sub: 'reader', tenant: 'other' }))).status).toBe(403)
})

test('another person and another tenant see nothing and change nothing', async () => {
  await exchange('mine', { push: [change('a')] })
  expect((await exchange('theirs', {})).rows).toEqual([])
  expect((await exchange('theirs', { push: [change('a', 1, 5)] })).pushed[0]).toMatchObject({ accepted: true, rev: 1 })
  expect((await exchange('mine', {})).rows).toMatchObject([{ rev: 1, envelope: envelope(1) }])
})

test('what is written past the function is numbered too, and heads are nobody’s to write', async () => {
  const claims = { sub: 'direct', tenant: 'demo' }
  await asRole(
    at.stack.sql,
    'authenticated',
    claims,
    (tx) =>
      tx`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope, rev)
      values ('demo', 'direct', 't1_core', 'x', decode(repeat('01', 80), 'hex'), 99)`,
  )
  expect((await exchange('direct', {})).rows.map(({ rev }) => rev)).toEqual([1])
  const write = asRole(at.stack.sql, 'authenticated', claims, (tx) => tx`update public.maestro_sync_heads set rev = 0`)
  await expect(write).rejects.toThrow('permission denied')
  const seen = await asRole(
    at.stack.sql,
    'authenticated',
    { sub: 'other', tenant: 'demo' },
    (tx) => tx`select * from public.maestro_sync_heads where principal_id = 'direct'`,
  )
  expect(seen).toEqual([])
})

test.each([
  ['text where an envelope belongs', { push: [change('a', 0, 1, { envelope: 'x'.repeat(200) })] }],
  ['an envelope that is too short', { push: [change('a', 0, 1, { envelope: envelope(1, 10) })] }],
  ['a name with a slash', { push: [change('a/b')] }],
  ['a store of another kind', { push: [change('a', 0, 1, { store: 'T1; drop' })] }],
  ['a negative number', { push: [change('a', -1)] }],
  ['more than 200 changes', { push: Array.from({ length: 201 }, (_, i) => change(`r${i}`)) }],
  ['a number that is none', { since: '1' }],
])('%s is refused whole', async (_, body) => {
  const person = await at.stack.token({ sub: 'bad' })
  expect((await post(body, person)).status).toBe(400)
  expect((await exchange('bad', {})).rows).toEqual([])
})

test('no token, no memory; another tenant’s name is refused', async () => {
  expect((await at.stack.call('POST', '/functions/v1/maestro-sync/memory', { body: { tenant_id: 'demo', device_id: 'd' } })).status).toBe(401)
  expect((await post({ tenant_id: 'other' })).status).toBe(403)
})

test('a digest is compared where both sides sent one; a device without the account’s key is neither refused nor a way around', async () => {
  const token = await at.stack.token({ sub: 'digests' })
  const claim = async (idempotency_key: string, trace_id: string, params_digest?: string) => {
    const body = { tenant_id: 'demo', idempotency_key, trace_id, action: 'email.send', ...(params_digest === undefined ? {} : { params_digest }) }
    const one = await at.stack.call('POST', '/functions/v1/maestro-sync/claim-receipt', { token, body })
    return one.body['claimed'] === true ? 'claimed' : one.body['code']
  }
  const [mine, other] = ['a'.repeat(64), 'b'.repeat(64)]
  expect(await claim('none-then-one', 't')).toBe('claimed')
  expect(await claim('none-then-one', 't', mine)).toBe('claimed')
  expect(await claim('one-then-none', 't', mine)).toBe('claimed')
  expect(await claim('one-then-none', 't')).toBe('claimed')
  expect(await claim('one-then-none', 't', other)).toBe('KEY_REUSED')
  const batch = async (key: string, params_digest?: string) => {
    const claims = [{ idempotency_key: key, trace_id: 't', action: 'email.send', ...(params_digest === undefined ? {} : { params_digest }) }]
    const answer = await at.stack.call('POST', '/functions/v1/maestro-sync', { token, body: { tenant_id: 'demo', device_id: 'd', claims } })
    return (answer.body['claims'] as Record<string, unknown>[])[0]
  }
  expect(await batch('b1')).toMatchObject({ claimed: true })
  expect(await batch('b1', mine)).toMatchObject({ claimed: true, fence: 2 })
  expect(await batch('b2', mine)).toMatchObject({ claimed: true })
  expect(await batch('b2', other)).toMatchObject({ code: 'KEY_REUSED' })
})
