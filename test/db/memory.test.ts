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

test('nothing is written past the function, and what an operator writes is numbered too', async () => {
  const claims = { sub: 'direct', tenant: 'demo' }
  const insert = (tx: Parameters<Parameters<typeof asRole>[3]>[0]) =>
    tx`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope, rev)
      values ('demo', 'direct', 't1_core', 'x', decode(repeat('01', 80), 'hex'), 99)`
  await expect(asRole(at.stack.sql, 'authenticated', claims, insert)).rejects.toThrow('permission denied')
  expect((await exchange('direct', {})).rows).toEqual([])
  await at.stack.sql.begin(async (tx) => insert(tx))
  expect((await exchange('direct', {})).rows.map(({ rev }) => rev)).toEqual([1])
  for (const write of [
    (tx: Parameters<typeof insert>[0]) => tx`update public.maestro_sync_heads set rev = 0`,
    (tx: Parameters<typeof insert>[0]) => tx`update public.maestro_sync_store set gone = true`,
    (tx: Parameters<typeof insert>[0]) => tx`delete from public.maestro_sync_store`,
  ])
    await expect(asRole(at.stack.sql, 'authenticated', claims, write)).rejects.toThrow('permission denied')
  const seen = await asRole(
    at.stack.sql,
    'authenticated',
    { sub: 'other', tenant: 'demo' },
    (tx) => tx`select * from public.maestro_sync_heads where principal_id = 'direct'`,
  )
  expect(seen).toEqual([])
})

test('one answer stays small however much is in conflict: what is too much is told later, and nothing of it is lost', async () => {
  const large = 150_000
  const names = Array.from({ length: 20 }, (_, i) => `big-${i}`)
  await at.stack.sql`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope)
    select 'demo', 'large', 't1_core', name, decode(repeat('01', ${large}), 'hex') from unnest(${names}::text[]) as t(name)`
  const push = names.map((name) => change(name, 0, 2))
  const { pushed, rows, more } = await exchange('large', { push })
  const bytes = (list: readonly { row?: Row }[]) => list.reduce((sum, { row }) => sum + (row?.envelope.length ?? 0), 0)
  expect(bytes(pushed)).toBeGreaterThan(1_000_000)
  expect(bytes(pushed)).toBeLessThan(1_500_000)
  expect(bytes(rows.map((row) => ({ row })))).toBeLessThan(1_500_000)
  expect([more, pushed.every(({ accepted }) => !accepted)]).toEqual([true, true])
  const told = pushed.flatMap(({ row }) => row?.record ?? [])
  expect(pushed.slice(told.length)).toEqual(names.slice(told.length).map(() => ({ accepted: false, code: 'LATER' })))
  expect(told).toEqual(names.slice(0, told.length))
  const again = await exchange('large', { push: push.slice(told.length) })
  expect(again.pushed[0]).toMatchObject({ accepted: false, row: { record: names[told.length] } })
})

test('one row is given even where it alone is more than a page', async () => {
  await at.stack.sql`insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope)
    select 'demo', 'huge', 't1_core', 'huge-' || n, decode(repeat('01', 1048576), 'hex') from generate_series(1, 2) n`
  const first = await exchange('huge', {})
  expect([first.rows.length, first.more, first.through]).toEqual([1, true, 1])
  const rest = await exchange('huge', { since: 1 })
  expect([rest.rows.length, rest.more, rest.through]).toEqual([1, false, 2])
})

test('a device that changes what another one is waiting for never waits for it in turn', async () => {
  await exchange('crossing', { push: [change('a'), change('z')] })
  const claims = JSON.stringify({ sub: 'crossing', role: 'authenticated', app_metadata: { tenant_id: 'demo' } })
  const push = (record: string, base: number, fill: number) => JSON.stringify([change(record, base, fill)])
  const enter = (tx: { unsafe(text: string, parameters: string[]): Promise<unknown> }) =>
    tx.unsafe("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [claims])
  const sync = "select public.maestro_sync_memory('demo', 'd', 0, $1::text::jsonb) as answer"
  let second: Promise<unknown> = Promise.resolve()
  await at.stack.sql.begin(async (tx) => {
    await enter(tx)
    await tx.unsafe(sync, [push('a', 1, 3)])
    second = at.stack.sql.begin(async (other) => {
      await enter(other)
      await other.unsafe(sync, [push('z', 2, 4)])
    })
    // Long enough for the other to have locked what it can.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await tx.unsafe(sync, [push('z', 2, 5)])
  })
  await second
  const rows = (await exchange('crossing', {})).rows
  expect(rows.map(({ record, envelope: bytes }) => [record, bytes])).toEqual([
    ['a', envelope(3)],
    ['z', envelope(5)],
  ])
})

test('how far it was read is told even where all that is left came meanwhile', async () => {
  const [row] = await at.stack.sql`select pg_get_functiondef('public.maestro_sync_memory'::regproc) as source`
  const original = String(row?.['source'])
  // What another device writes between two statements of the function.
  const meanwhile = original.replace(
    '  select exists (',
    `  insert into public.maestro_sync_store (tenant_id, principal_id, store, record_id, envelope)
      values (p_tenant_id, v_principal, 't1_core', 'meanwhile', decode(repeat('01', 80), 'hex'));
  select exists (`,
  )
  expect(meanwhile).not.toBe(original)
  await exchange('late', { push: [change('a')] })
  await at.stack.sql.unsafe(meanwhile)
  const answer = await exchange('late', { since: 1 })
  await at.stack.sql.unsafe(original)
  expect(answer).toMatchObject({ rows: [], through: 1, more: true })
  expect((await exchange('late', { since: answer.through })).rows.map(({ record }) => record)).toEqual(['meanwhile'])
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
  expect(await claim('none-then-one', 't', other), 'what it stands for is known from now on').toBe('KEY_REUSED')
  expect(await claim('none-then-one', 't')).toBe('claimed')
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
  expect(await batch('b1', other), 'what it stands for is known from now on').toMatchObject({ code: 'KEY_REUSED' })
  expect(await batch('b2', mine)).toMatchObject({ claimed: true })
  expect(await batch('b2', other)).toMatchObject({ code: 'KEY_REUSED' })
})
