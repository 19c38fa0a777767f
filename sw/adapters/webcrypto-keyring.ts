/**
 * The keyring over WebCrypto and `maestro_secrets`: a non-extractable HMAC key that never leaves the browser's store.
 *
 * Envelope: version ‖ suite ‖ key epoch (u32) ‖ salt (24) ‖ commitment (32) ‖ AES-256-GCM ciphertext. HKDF-Expand (RFC 5869)
 * from the device key over salt and context gives message key, nonce and commitment, so a key is used for one message only
 * and an envelope opens under one key only. The context is also authenticated: rows cannot be swapped.
 */
import { canonical } from '../../src/base/canonical.ts'
import { bytesToHex, concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Keyring, KeyringFailure, SealContext } from '../ports/keyring.ts'
import type { LogDep } from '../ports/log.ts'
import type { SecretsDatabase } from './secrets-database.ts'

const VERSION = 1
const SUITE_HKDF_AES256GCM = 1
const EPOCH = 1
const HEADER_BYTES = 1 + 1 + 4
const SALT_BYTES = 24
const COMMITMENT_BYTES = 32
const KEY_NAME = 'device/1'
const CANARY: SealContext = { store: 'maestro_secrets', record: 'canary', owner: 'device', shape: 1 }

type Started = { readonly key: CryptoKey; readonly made: boolean; readonly durable: boolean }

const buffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

const hmac = async (key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.sign('HMAC', key, buffer(bytes)))

async function derive(
  key: CryptoKey,
  salt: Uint8Array,
  context: SealContext,
): Promise<{ message: CryptoKey; nonce: Uint8Array; commitment: Uint8Array }> {
  const info = concatBytes(utf8ToBytes('maestro/envelope/1'), salt, utf8ToBytes(canonical(context)))
  const first = await hmac(key, concatBytes(info, Uint8Array.of(1)))
  const second = await hmac(key, concatBytes(first, info, Uint8Array.of(2)))
  const third = await hmac(key, concatBytes(second, info, Uint8Array.of(3)))
  const message = await crypto.subtle.importKey('raw', buffer(first), 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { message, nonce: third.subarray(0, 12), commitment: second }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

async function sealWith(key: CryptoKey, context: SealContext, plain: Uint8Array): Promise<Uint8Array> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
  const { message, nonce, commitment } = await derive(key, salt, context)
  const header = Uint8Array.of(VERSION, SUITE_HKDF_AES256GCM, 0, 0, 0, EPOCH)
  const algorithm = { name: 'AES-GCM', iv: buffer(nonce), additionalData: buffer(header) }
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(algorithm, message, buffer(plain)))
  return concatBytes(header, salt, commitment, ciphertext)
}

async function openWith(key: CryptoKey, context: SealContext, sealed: Uint8Array): Promise<Result<Uint8Array, KeyringFailure>> {
  const body = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES
  if (sealed.length < body + 16 || sealed[0] !== VERSION || sealed[1] !== SUITE_HKDF_AES256GCM) return err('UNREADABLE')
  const header = sealed.subarray(0, HEADER_BYTES)
  const salt = sealed.subarray(HEADER_BYTES, HEADER_BYTES + SALT_BYTES)
  const { message, nonce, commitment } = await derive(key, salt, context)
  if (!sameBytes(commitment, sealed.subarray(HEADER_BYTES + SALT_BYTES, body))) return err('KEY_MISMATCH')
  const algorithm = { name: 'AES-GCM', iv: buffer(nonce), additionalData: buffer(header) }
  try {
    return ok(new Uint8Array(await crypto.subtle.decrypt(algorithm, message, buffer(sealed.subarray(body)))))
  } catch {
    return err('UNREADABLE')
  }
}

const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

export function createWebCryptoKeyring({ log, database }: LogDep & { readonly database: SecretsDatabase }): Keyring {
  let starting: Promise<Result<Started, KeyringFailure>> | null = null

  // The page may delete the database at any time (a recovery step); a cached key must not outlive it.
  database.onLost(() => {
    starting = null
  })

  async function make(): Promise<Result<Started, KeyringFailure>> {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
    try {
      await database.set(KEY_NAME, key)
    } catch (error) {
      log.line({ level: 'warn', text: `Failed to save key: ${errorName(error)}` })
      return ok({ key, made: true, durable: false })
    }
    log.line({ level: 'info', text: '[MAESTRO] Device key generated' })
    const kept = await database.get(KEY_NAME)
    return kept instanceof CryptoKey ? ok({ key: kept, made: true, durable: true }) : err('KEY_NULL')
  }

  async function begin(): Promise<Result<Started, KeyringFailure>> {
    try {
      const kept = await database.get(KEY_NAME)
      const started = kept instanceof CryptoKey ? ok({ key: kept, made: false, durable: true }) : await make()
      if (!started.ok) return started
      const probe = await openWith(started.value.key, CANARY, await sealWith(started.value.key, CANARY, utf8ToBytes('canary')))
      return probe.ok ? started : err('KEY_MISMATCH')
    } catch (error) {
      log.line({ level: 'error', text: 'Failed to open maestro_secrets DB' })
      log.line({ level: 'error', text: `[MAESTRO] Crypto initialization failed: ${errorName(error)}` })
      return err('DB_UNOPENABLE')
    }
  }

  const started = async (): Promise<Result<Started, KeyringFailure>> => {
    starting ??= begin()
    const result = await starting
    if (!result.ok) starting = null
    return result
  }

  const key = async (): Promise<CryptoKey> => {
    const result = await started()
    if (!result.ok) throw new Error('Key not found', { cause: result.error })
    return result.value.key
  }

  return {
    async start() {
      const result = await started()
      return result.ok ? ok({ made: result.value.made, durable: result.value.durable }) : result
    },
    seal: async (context, plain) => sealWith(await key(), context, plain),
    async open(context, sealed) {
      const result = await started()
      return result.ok ? openWith(result.value.key, context, sealed) : result
    },
    tag: async (text) => bytesToHex(await hmac(await key(), concatBytes(utf8ToBytes('maestro/tag/1'), utf8ToBytes(text)))),
  }
}
