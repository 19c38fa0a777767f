/**
 * A keyring that is synchronous at heart and the same on every run, and still hides what it seals: a keystream drawn from
 * device secret, context and salt, and a tag that only the same context fits. No cryptography: it exists so that "no
 * plaintext anywhere" can be checked by looking.
 */
import { canonical } from '../base/canonical.ts'
import { digestJson } from '../base/digest.ts'
import type { SealContext } from '../../sw/ports/keyring.ts'
import { mix128, words } from './rng.ts'

const SALT_BYTES = 8
const TAG_BYTES = 8

export type FakeKeyring = {
  seal(context: SealContext, plain: Uint8Array, salt: string): Uint8Array
  /** `null`: another key, another context, or damaged. */
  open(context: SealContext, sealed: Uint8Array): Uint8Array | null
  tag(text: string): string
}

const hexOf = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

export function createFakeKeyring(secret: string): FakeKeyring {
  const xor = (seed: string, bytes: Uint8Array): Uint8Array => {
    const next = words(seed)
    const out = new Uint8Array(bytes.length)
    for (let i = 0; i < bytes.length; i += 4) {
      const word = next()
      for (let k = 0; k < 4 && i + k < bytes.length; k++) out[i + k] = (bytes[i + k] as number) ^ ((word >>> (8 * k)) & 255)
    }
    return out
  }
  const tagOf = (seed: string, plain: Uint8Array): Uint8Array => {
    const mixed = mix128(seed)
    let a = mixed[0] | 0
    let b = mixed[1] | 0
    for (let i = 0; i < plain.length; i++) {
      a = Math.imul(a ^ (plain[i] as number), 0x01000193)
      b = (Math.imul(b, 31) + a) | 0
    }
    const out = new Uint8Array(TAG_BYTES)
    for (let i = 0; i < 4; i++) {
      out[i] = (a >>> (8 * i)) & 255
      out[4 + i] = (b >>> (8 * i)) & 255
    }
    return out
  }
  return {
    seal(context, plain, salt) {
      const seed = `${secret}|${canonical(context)}|${salt}`
      const out = new Uint8Array(SALT_BYTES + TAG_BYTES + plain.length)
      out.set(Uint8Array.from(salt.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))
      out.set(tagOf(seed, plain), SALT_BYTES)
      out.set(xor(seed, plain), SALT_BYTES + TAG_BYTES)
      return out
    },
    open(context, sealed) {
      if (sealed.length < SALT_BYTES + TAG_BYTES) return null
      const seed = `${secret}|${canonical(context)}|${hexOf(sealed.subarray(0, SALT_BYTES))}`
      const plain = xor(seed, sealed.subarray(SALT_BYTES + TAG_BYTES))
      const tag = tagOf(seed, plain)
      return tag.every((byte, i) => byte === sealed[SALT_BYTES + i]) ? plain : null
    },
    tag: (text) => digestJson({ secret, text }),
  }
}
