/**
 * The one byte format of what is sealed: version ‖ suite ‖ key epoch (u32) ‖ salt (24) ‖ commitment (32) ‖ nonce (12) ‖ AES-256-GCM
 * ciphertext.
 *
 * Message key and commitment are HMACs of counter, label and salt under the root key (NIST SP 800-108, counter mode). A salt serves one
 * run of messages, each with a random nonce under that run's key, so that sealing waits for one step of WebCrypto, not for three. A worker
 * goes on with the run of the last row that it opened: thousands of starts leave few keys to derive. The header, the salt and the
 * context are authenticated: an envelope opens under one key and in one place only, and rows cannot be swapped.
 */
import { canonical } from '../../src/base/canonical.ts'
import { concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { KeyringFailure, SealContext } from '../ports/keyring.ts'

const HEADER = Uint8Array.of(1, 2, 0, 0, 0, 1)
const SALT_END = HEADER.length + 24
const COMMITMENT_END = SALT_END + 32
const NONCE_BYTES = 12
const BODY = COMMITMENT_END + NONCE_BYTES
const TAG_BYTES = 16
/** Keys of other runs that are kept at hand: a profile may have been used by several workers at once. */
const KEPT_MAX = 512

type Run = { readonly salt: Uint8Array; readonly commitment: Uint8Array; readonly key: CryptoKey }

export type Envelope = {
  seal(context: SealContext, plain: Uint8Array): Promise<Uint8Array>
  open(context: SealContext, sealed: Uint8Array): Promise<Result<Uint8Array, KeyringFailure>>
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** HMAC-SHA-256. */
export const hmac = async (key: CryptoKey, ...parts: readonly Uint8Array[]): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, concatBytes(...parts)))

/** Seals and opens under a root key (HMAC-SHA-256) that stays where it is. */
export function createEnvelope(root: CryptoKey): Envelope {
  const runs = new Map<string, Promise<Run>>()
  /** The run that is written under now. */
  let present: Promise<Run> | null = null

  async function derive(salt: Uint8Array): Promise<Run> {
    const label = utf8ToBytes('maestro/envelope/2')
    const [message, commitment] = await Promise.all([1, 2].map((counter) => hmac(root, Uint8Array.of(counter), label, salt)))
    const key = await crypto.subtle.importKey('raw', message as BufferSource, 'AES-GCM', false, ['encrypt', 'decrypt'])
    return { salt, commitment: commitment as Uint8Array, key }
  }

  function runOf(salt: Uint8Array): Promise<Run> {
    const name = salt.join()
    const run = runs.get(name) ?? derive(salt)
    if (runs.size >= KEPT_MAX) runs.clear()
    runs.set(name, run)
    return run
  }

  const algorithm = (context: SealContext, salt: Uint8Array, nonce: Uint8Array): AesGcmParams => ({
    name: 'AES-GCM',
    iv: nonce as BufferSource,
    additionalData: concatBytes(HEADER, salt, utf8ToBytes(canonical(context))),
  })

  return {
    async seal(context, plain) {
      present ??= runOf(crypto.getRandomValues(new Uint8Array(24)))
      const run = await present
      // Random, because nobody counts across workers: good for 2^32 messages under one key (NIST SP 800-38D, 8.3).
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const sealed = await crypto.subtle.encrypt(algorithm(context, run.salt, nonce), run.key, plain as BufferSource)
      return concatBytes(HEADER, run.salt, run.commitment, nonce, new Uint8Array(sealed))
    },
    async open(context, sealed) {
      if (sealed.length < BODY + TAG_BYTES || !sameBytes(sealed.subarray(0, HEADER.length), HEADER)) return err('UNREADABLE')
      const running = runOf(sealed.slice(HEADER.length, SALT_END))
      const run = await running
      if (!sameBytes(run.commitment, sealed.subarray(SALT_END, COMMITMENT_END))) return err('KEY_MISMATCH')
      const nonce = sealed.subarray(COMMITMENT_END, BODY)
      try {
        const plain = await crypto.subtle.decrypt(algorithm(context, run.salt, nonce), run.key, sealed.subarray(BODY) as BufferSource)
        present = running
        return ok(new Uint8Array(plain))
      } catch {
        return err('UNREADABLE')
      }
    },
  }
}
