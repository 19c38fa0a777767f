import { expect, test } from 'vitest'
import { readJson } from '../../sw/adapters/read-json.ts'

const json = { 'content-type': 'application/json' }

test('a body within the bound is read, one byte more is not: bytes, not characters', async () => {
  const body = JSON.stringify('€'.repeat(10))
  expect(await readJson(new Response(body, { headers: json }), 32)).toBe('€'.repeat(10))
  expect(await readJson(new Response(body, { headers: json }), 31)).toBeUndefined()
})

test('reading ends at the bound, and so does the download: a body without an end is not waited for', async () => {
  let given = 0
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill((given += 1_000) && 32)),
    cancel: () => void (isCancelled = true),
  })
  expect(await readJson(new Response(endless, { headers: json }), 10_000)).toBeUndefined()
  expect([given < 20_000, isCancelled]).toEqual([true, true])
})

test.each([
  ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
  ['application/problem+json', '{"a":1}', { a: 1 }],
  ['text/html', '{"a":1}', undefined],
  ['application/json', '<html>', undefined],
  ['application/json', '', undefined],
] as const)('%s with the body %j is read as %j', async (type, body, expected) => {
  expect(await readJson(new Response(body, { headers: { 'content-type': type } }), 100)).toEqual(expected)
})

test('no body at all, and a body that breaks off, are no JSON', async () => {
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error('gone')) })
  expect(await readJson(new Response(null, { headers: json }), 100)).toBeUndefined()
  expect(await readJson(new Response(broken, { headers: json }), 100)).toBeUndefined()
})
