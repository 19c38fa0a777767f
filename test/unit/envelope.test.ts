/** The byte format of what is sealed, as one worker writes it and the next goes on with it. */
import { expect, test } from 'vitest'
import { bytesToHex, utf8ToBytes } from '../../src/base/bytes.ts'
import { createEnvelope } from '../../sw/adapters/envelope.ts'

const CONTEXT = { store: 'receipts', record: 'r', owner: 'o', shape: 2 }
const PLAIN = utf8ToBytes('plain')
const root = () => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
const saltOf = (sealed: Uint8Array): string => bytesToHex(sealed.subarray(6, 30))
const nonceOf = (sealed: Uint8Array): string => bytesToHex(sealed.subarray(62, 74))

test('a worker goes on with the run of what it opened; one that has opened nothing begins its own', async () => {
  const key = await root()
  const first = await createEnvelope(key).seal(CONTEXT, PLAIN)
  const next = createEnvelope(key)
  expect(await next.open(CONTEXT, first)).toMatchObject({ ok: true, value: PLAIN })
  expect(saltOf(await next.seal(CONTEXT, PLAIN))).toBe(saltOf(first))
  expect(saltOf(await createEnvelope(key).seal(CONTEXT, PLAIN))).not.toBe(saltOf(first))
})

test('what does not open begins no run: what a stranger laid there chooses no key', async () => {
  const envelope = createEnvelope(await root())
  const strange = await createEnvelope(await root()).seal(CONTEXT, PLAIN)
  expect(await envelope.open(CONTEXT, strange)).toEqual({ ok: false, error: 'KEY_MISMATCH' })
  expect(saltOf(await envelope.seal(CONTEXT, PLAIN))).not.toBe(saltOf(strange))
})

test('of many seals in one run, by several workers, no nonce comes twice, and each opens in its own place only', async () => {
  const key = await root()
  const first = await createEnvelope(key).seal(CONTEXT, PLAIN)
  const workers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const envelope = createEnvelope(key)
      await envelope.open(CONTEXT, first)
      return envelope
    }),
  )
  const sealed = await Promise.all(workers.flatMap((envelope) => Array.from({ length: 250 }, () => envelope.seal(CONTEXT, PLAIN))))
  expect(new Set(sealed.map(saltOf)).size).toBe(1)
  expect(new Set(sealed.map(nonceOf)).size).toBe(sealed.length)
  const [one = first] = sealed
  const reader = createEnvelope(key)
  expect(await reader.open(CONTEXT, one)).toMatchObject({ ok: true })
  expect(await reader.open({ ...CONTEXT, record: 'other' }, one)).toEqual({ ok: false, error: 'UNREADABLE' })
})
