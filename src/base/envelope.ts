/**
 * The one place that lays an envelope out: version ‖ suite ‖ key epoch (u32) ‖ salt (24) ‖ commitment (32) ‖ AES-256-GCM ciphertext.
 *
 * Message key and commitment are HMACs of counter, label, salt and context (NIST SP 800-108, counter mode: both at once, where
 * HKDF-Expand would wait for one before the other). So a key is used for one message only, for which the salt's first 12 bytes are
 * nonce enough; an envelope opens under one key only; and rows cannot be swapped, because another context is another key.
 */
import { concatBytes, utf8ToBytes } from './bytes.ts'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'
import { err, ok, type Result } from './result.ts'

const VERSION = 1
const SUITE_HMAC_AES256GCM = 1
const HEADER_BYTES = 1 + 1 + 4
const SALT_BYTES = 24
const COMMITMENT_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BODY = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES

/** What an engine's cryptography is asked for; the key of `hmac` never shows. */
export type EnvelopeCipher = {
  /** Unpredictable bytes. */
  random(count: number): Uint8Array
  hmac(bytes: Uint8Array): Promise<Uint8Array>
  /** AES-256-GCM under one message's key; rejects what is not authentic. */
  gcm(which: 'encrypt' | 'decrypt', key: Uint8Array, nonce: Uint8Array, header: Uint8Array, bytes: Uint8Array): Promise<Uint8Array>
}

const derive = (cipher: EnvelopeCipher, salt: Uint8Array, context: Json): Promise<[message: Uint8Array, commitment: Uint8Array]> => {
  const info = concatBytes(utf8ToBytes('maestro/envelope/1'), salt, utf8ToBytes(canonical(context)))
  return Promise.all([cipher.hmac(concatBytes(Uint8Array.of(1), info)), cipher.hmac(concatBytes(Uint8Array.of(2), info))])
}

export async function sealEnvelope(cipher: EnvelopeCipher, epoch: number, context: Json, plain: Uint8Array): Promise<Uint8Array> {
  const salt = cipher.random(SALT_BYTES)
  const header = Uint8Array.of(VERSION, SUITE_HMAC_AES256GCM, epoch >>> 24, epoch >>> 16, epoch >>> 8, epoch)
  const [message, commitment] = await derive(cipher, salt, context)
  return concatBytes(header, salt, commitment, await cipher.gcm('encrypt', message, salt.subarray(0, NONCE_BYTES), header, plain))
}

/** `KEY_MISMATCH`: sealed under another key, or for another context. `UNREADABLE`: damaged, or no envelope of ours. */
export async function openEnvelope(
  cipher: EnvelopeCipher,
  context: Json,
  sealed: Uint8Array,
): Promise<Result<Uint8Array, 'KEY_MISMATCH' | 'UNREADABLE'>> {
  if (sealed.length < BODY + TAG_BYTES || sealed[0] !== VERSION || sealed[1] !== SUITE_HMAC_AES256GCM) return err('UNREADABLE')
  const salt = sealed.subarray(HEADER_BYTES, HEADER_BYTES + SALT_BYTES)
  const [message, commitment] = await derive(cipher, salt, context)
  if (!commitment.every((byte, i) => byte === sealed[HEADER_BYTES + SALT_BYTES + i])) return err('KEY_MISMATCH')
  try {
    return ok(await cipher.gcm('decrypt', message, salt.subarray(0, NONCE_BYTES), sealed.subarray(0, HEADER_BYTES), sealed.subarray(BODY)))
  } catch {
    return err('UNREADABLE')
  }
}

/** The key epoch an envelope says it was sealed under; nothing is known to be true before it opens. */
export const envelopeEpoch = (sealed: Uint8Array): number =>
  (((sealed[2] ?? 0) << 24) | ((sealed[3] ?? 0) << 16) | ((sealed[4] ?? 0) << 8) | (sealed[5] ?? 0)) >>> 0
