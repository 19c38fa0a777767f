import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesToHex, concatBytes, hexToBytes, isWithinBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'

/** FIPS 180-4, and the examples that NIST gives with it. */
test.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
])('the digest of %j is the published one', (text, digest) => {
  expect(sha256(utf8ToBytes(text))).toBe(digest)
})

test('at every length around the blocks, and for larger bytes, the digest is the one that Node computes', () => {
  const lengths = [...Array.from({ length: 260 }, (_, length) => length), 4_095, 65_536, 100_001]
  for (const length of lengths) {
    const bytes = new Uint8Array(randomBytes(length))
    expect(sha256(bytes), `${length} bytes`).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
})

test('what was hashed before leaves nothing behind, and a view into a larger buffer is hashed as the view', () => {
  const bytes = new Uint8Array(randomBytes(300))
  sha256(bytes)
  expect(sha256(bytes.subarray(100, 200))).toBe(sha256(bytes.slice(100, 200)))
})

test('bytes and hex are each other, and parts are joined in order', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
  expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes)
  expect(concatBytes(bytes.subarray(0, 2), new Uint8Array(), bytes.subarray(2, 3))).toEqual(Uint8Array.of(0, 1, 2))
})

test.each([
  ['a', 10, 10, true],
  ['a', 11, 10, false],
  ['€', 10, 30, true],
  ['€', 11, 32, false],
  ['😀', 10, 40, true],
  ['😀', 10, 39, false],
])('%s, %i times, is within %i bytes: %s', (char, times, bytesMax, expected) => {
  expect(isWithinBytes(char.repeat(times), bytesMax)).toBe(expected)
})
