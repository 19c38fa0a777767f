import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { demoApi } from '../../src/demo/host/demo-api.ts'
import { openEffectStore } from '../../src/demo/host/effect-store.ts'
import { fileStack } from './support/file-stack.ts'

type Word = Record<string, unknown>
type Element = { key: string | null; status: number; body: Word }

const at = fileStack()
let handle: ReturnType<typeof demoApi>

const noPayments = (): Promise<never> => Promise.reject(new Error('mail needs no receipt'))

beforeAll(async () => {
  handle = demoApi({ store: await openEffectStore(at.stack.sql), verify: at.stack.verify, receipts: noPayments, delayMs: 0 })
})

const post = async (path: string, body: unknown, { token = at.token, key }: { token?: string; key?: string } = {}) => {
  const headers = { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': encodeURIComponent(key) }) }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await handle(new Request(`http://localhost:5173${path}`, { method: 'POST', headers, body: text }))
  return { status: answer?.status, body: (await answer?.json()) as unknown }
}
const batch = async (items: readonly unknown[], token = at.token) => {
  const { status, body } = await post('/api/demo/batch', items, { token })
  return { status, body: body as Word, elements: (Array.isArray(body) ? body : []) as Element[] }
}
const mail = (subject = 'Hello', other: Word = {}) => ({ to: 'ann@example.com', subject, body: 'Text', ...other })
const single = async (key: string, params: unknown) => (await post('/api/demo/email', params, { key })) as { status: number; body: Word }
const effects = async (prefix: string) => {
  const answer = await handle(new Request('http://localhost:5173/api/demo/effects'))
  const all = (await answer?.json()) as { idempotency_key: string; action: string; params: Word }[]
  return all.filter((effect) => effect.idempotency_key.startsWith(prefix))
}

test('each item of a batch happens once, is answered in the order asked, and is answered alike again', async () => {
  const items = ['b', 'c', 'a'].map((name) => ({ key: `order-${name}`, params: mail(name) }))
  const first = await batch(items)
  expect(first.status).toBe(200)
  expect(first.elements).toEqual(
    items.map(({ key }) => ({ key, status: 200, body: { id: expect.any(String), applied_at: expect.any(String), idempotent: false } })),
  )
  const second = await batch(items.toReversed())
  expect(second.elements.toReversed()).toEqual(first.elements.map(({ key, body }) => ({ key, status: 200, body: { ...body, idempotent: true } })))
  expect(await effects('order-')).toEqual(
    items.map(({ key, params }) => expect.objectContaining({ idempotency_key: key, action: 'email.send', params })),
  )
})

test('an item that is refused changes nothing for its neighbours', async () => {
  await batch([{ key: 'mix-used', params: mail('first') }])
  const { elements } = await batch([
    { key: 'mix-1', params: mail() },
    { key: 'mix-used', params: mail('other') },
    { key: 'mix-bad', params: mail('x', { to: 'nobody' }) },
    { key: 'mix-more', params: mail('x', { bcc: 'eve@example.com' }) },
    { key: 'mix-none' },
    { key: 'mix-large', params: mail('x'.repeat(65_536)) },
    { key: '', params: mail() },
    { key: 'mix\nline', params: mail() },
    { key: 7, params: mail() },
    null,
    'text',
    { key: 'mix-2', params: mail() },
  ])
  expect(elements.map(({ key, status, body }) => [key, status, body['code']])).toEqual([
    ['mix-1', 200, undefined],
    ['mix-used', 422, 'KEY_REUSED'],
    ['mix-bad', 400, 'PARAMS_INVALID'],
    ['mix-more', 400, 'PARAMS_INVALID'],
    ['mix-none', 400, 'PARAMS_INVALID'],
    ['mix-large', 413, 'BODY_TOO_LARGE'],
    [null, 400, 'KEY_INVALID'],
    [null, 400, 'KEY_INVALID'],
    [null, 400, 'KEY_INVALID'],
    [null, 400, 'KEY_INVALID'],
    [null, 400, 'KEY_INVALID'],
    ['mix-2', 200, undefined],
  ])
  expect((await effects('mix')).map((effect) => effect.idempotency_key)).toEqual(['mix-used', 'mix-1', 'mix-2'])
})

test('a refused item is told what its own request would be told', async () => {
  await single('alike', mail())
  const reused = await single('alike', mail('other'))
  const wrong = await single('alike-2', mail('x', { to: 7 }))
  const { elements } = await batch([
    { key: 'alike', params: mail('other') },
    { key: 'alike-2', params: mail('x', { to: 7 }) },
  ])
  expect(elements).toEqual([
    { key: 'alike', ...reused },
    { key: 'alike-2', ...wrong },
  ])
  expect([reused.status, wrong.status]).toEqual([422, 400])
})

test('a key that stands twice in one batch is one effect', async () => {
  const { elements } = await batch([
    { key: 'twice', params: mail() },
    { key: 'twice', params: mail() },
    { key: 'twice', params: mail('other') },
  ])
  expect(elements.map(({ status, body }) => [status, body['idempotent'] ?? body['code']])).toEqual([
    [200, false],
    [200, true],
    [422, 'KEY_REUSED'],
  ])
  expect(elements[1]?.body['id']).toBe(elements[0]?.body['id'])
  expect(await effects('twice')).toHaveLength(1)
})

test('a key that came alone joins in a batch, and one that came in a batch joins alone', async () => {
  const alone = await single('joins-1', mail())
  const { elements } = await batch([
    { key: 'joins-1', params: { body: 'Text', subject: 'Hello', to: 'ann@example.com' } },
    { key: 'joins-2', params: mail() },
  ])
  expect(elements[0]?.body).toEqual({ ...alone.body, idempotent: true })
  expect((await single('joins-2', mail())).body).toEqual({ ...elements[1]?.body, idempotent: true })
  const elsewhere = await post(
    '/api/demo/events',
    { title: 't', start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', attendees: [] },
    { key: 'joins-2' },
  )
  expect(elsewhere.status).toBe(422)
  expect(await effects('joins-')).toHaveLength(2)
})

test('the same keys from two batches in opposite orders and alone, at once, are one effect each', async () => {
  for (let round = 0; round < 20; round += 1) {
    const items = Array.from({ length: 30 }, (_, index) => ({ key: `race-${round}-${index}`, params: mail(String(index)) }))
    const [one, two, ...alone] = await Promise.all([
      batch(items),
      batch(items.toReversed()),
      ...items.slice(0, 4).map(({ key, params }) => single(key, params)),
    ])
    expect([one.status, two.status, ...alone.map(({ status }) => status)]).toEqual(Array(6).fill(200))
    const ids = new Map<string | null, Set<unknown>>()
    for (const { key, status, body } of [...one.elements, ...two.elements]) {
      expect(status).toBe(200)
      ids.set(key, (ids.get(key) ?? new Set()).add(body['id']))
    }
    expect([...ids.values()].every((known) => known.size === 1)).toBe(true)
    expect(await effects(`race-${round}-`)).toHaveLength(30)
  }
})

test.each(['a/b', '100%', '%2F', 'é', '😀'.repeat(127), 'a"b\\c', '{a,b}', 'NULL', "';"])('the key %j is taken verbatim', async (key) => {
  const { elements } = await batch([{ key, params: mail(key) }])
  expect(elements).toMatchObject([{ key, status: 200, body: { idempotent: false } }])
  expect((await single(key, mail(key))).body).toMatchObject({ idempotent: true })
  expect((await effects(key)).at(0)?.params).toEqual(mail(key))
})

test('500 items are taken, 501 are refused whole, and so is a body that is too large', async () => {
  const items = (count: number, prefix: string, subject = 's') =>
    Array.from({ length: count }, (_, index) => ({ key: `${prefix}-${index}`, params: mail(subject) }))
  const full = await batch(items(500, 'full'))
  expect(full.elements.filter(({ status }) => status === 200)).toHaveLength(500)
  const over = await batch(items(501, 'over'))
  expect([over.status, over.body['code']]).toEqual([413, 'BATCH_TOO_LARGE'])
  const heavy = await batch(items(100, 'heavy', 'x'.repeat(60_000)))
  expect([heavy.status, heavy.body['code']]).toEqual([413, 'BODY_TOO_LARGE'])
  expect([await effects('over'), await effects('heavy')]).toEqual([[], []])
})

test.each(['<!doctype html>', '', '{}', 'null', '[{"key":"half"'])('a batch that is %j answers 400 JSON', async (body) => {
  const answer = await post('/api/demo/batch', body)
  expect([answer.status, (answer.body as Word)['code']]).toEqual([400, 'BODY_INVALID'])
})

test('an empty batch is an empty answer; no token answers 401; another method answers 405', async () => {
  expect(await batch([])).toMatchObject({ status: 200, elements: [] })
  expect((await post('/api/demo/batch', [], { token: 'nonsense' })).status).toBe(401)
  const answer = await handle(new Request('http://localhost:5173/api/demo/batch'))
  expect(answer?.status).toBe(405)
})

test('trap 10: another person’s same key is another effect', async () => {
  const key = randomUUID()
  const ben = await at.stack.token({ sub: 'principal-2' })
  const [mine, theirs] = [await batch([{ key, params: mail('mine') }]), await batch([{ key, params: mail('theirs') }], ben)]
  expect([mine.elements[0]?.status, theirs.elements[0]?.status]).toEqual([200, 200])
  expect(await effects(key)).toHaveLength(2)
})
