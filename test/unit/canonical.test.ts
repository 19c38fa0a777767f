import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64UrlToBytes, bytesToBase64Url } from '../../src/base/bytes.ts'
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { toJson } from '../../src/base/to-json.ts'

test('canonical text sorts keys by UTF-16 code units and writes numbers as ECMAScript does (RFC 8785)', () => {
  const value = { '\u20ac': 'Euro', '\r': 'CR', '1': 'One', '\u0080': 'Control', '\ud83d\ude00': 'Smile', '\u00f6': 'o', '\ufb33': 'D' }
  expect(canonical(value)).toBe('{"\\r":"CR","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro","\ud83d\ude00":"Smile","\ufb33":"D"}')
  expect(canonical([1e21, 1e-7, 0.1, -0, 4.5, 1 / 3])).toBe('[1e+21,1e-7,0.1,0,4.5,0.3333333333333333]')
})

test('equal values have equal canonical text whatever order their members were written in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).toReversed())
      expect(canonical(reversed as Json)).toBe(canonical(object as Json))
      expect(JSON.parse(canonical(object as Json))).toEqual(JSON.parse(JSON.stringify(object)))
    }),
  )
})

test('base64url survives a round trip and refuses what is not base64url', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64UrlToBytes(bytesToBase64Url(bytes))).toEqual(bytes)
    }),
  )
  for (const text of ['a', 'ab=', 'a+b/', 'ab\n', 'ü'.repeat(4)]) expect(base64UrlToBytes(text)).toBeNull()
})

class Money {
  amount = 1
}

const REJECTED: readonly [string, unknown][] = [
  ['a function', { a: () => 1 }],
  ['not a number', { a: Number.NaN }],
  ['infinity', [Number.POSITIVE_INFINITY]],
  ['a big integer', 1n],
  ['a symbol', Symbol('x')],
  ['undefined', undefined],
  ['a date', { at: new Date(0) }],
  ['a map', new Map()],
  ['a class instance', new Money()],
  ['a lone surrogate', { a: '\ud800' }],
  ['a lone surrogate in a name', { ['\udc00']: 1 }],
  ['a __proto__ member', JSON.parse('{"a":{"__proto__":{"polluted":true}}}')],
  ['a constructor member', { constructor: 1 }],
  ['a prototype member', { a: [{ prototype: 1 }] }],
]

test.each(REJECTED)('%s is no JSON', (_name, value) => {
  expect(toJson(value, 16).ok).toBe(false)
})

test('plain JSON is copied unchanged, and members that are undefined count as absent', () => {
  expect(toJson({ a: [1, 'x', null, true, { b: {} }], c: undefined }, 16)).toEqual({ ok: true, value: { a: [1, 'x', null, true, { b: {} }] } })
})

test('nesting is bounded, so a cycle ends as a failure and not as a stack overflow (law 9)', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  expect(toJson(cycle, 16)).toMatchObject({ ok: false, error: { why: 'depth' } })
})
