/**
 * The keyring over WebCrypto and `maestro_secrets`: a non-extractable HMAC key that never leaves the browser's store.
 *
 * Envelope: version ‖ suite ‖ key epoch (u32) ‖ salt (24) ‖ commitment (32) ‖ AES-256-GCM ciphertext. Message key and commitment are
 * HMACs of counter, label, salt and context under the device key (NIST SP 800-108, counter mode: both at once, where HKDF-Expand
 * would wait for one before the other). So a key is used for one message only, for which the salt's first 12 bytes are nonce
 * enough; an envelope opens under one key only; and rows cannot be swapped, because another context is another key.
 */
import { canonical } from '../../src/base/canonical.ts'
import { bytesToHex, concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Keyring, KeyringFailure, SealContext } from '../ports/keyring.ts'
import type { LogDep } from '../ports/log.ts'
import type { SecretsDatabase } from './secrets-database.ts'

const VERSION = 1
const SUITE_HMAC_AES256GCM = 1
const EPOCH = 1
const HEADER_BYTES = 1 + 1 + 4
const SALT_BYTES = 24
const COMMITMENT_BYTES = 32
const NONCE_BYTES = 12
const KEY_NAME = 'device/1'
const CANARY: SealContext = { store: 'maestro_secrets', record: 'canary', owner: 'device', shape: 1 }

type Device = { readonly key: CryptoKey; readonly made: boolean; readonly durable: boolean }

const buffer = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

const hmac = async (key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.sign('HMAC', key, buffer(bytes)))

async function derive(key: CryptoKey, salt: Uint8Array, context: SealContext): Promise<readonly [message: Uint8Array, commitment: Uint8Array]> {
  const info = concatBytes(utf8ToBytes('maestro/envelope/1'), salt, utf8ToBytes(canonical(context)))
  return Promise.all([hmac(key, concatBytes(Uint8Array.of(1), info)), hmac(key, concatBytes(Uint8Array.of(2), info))])
}

/** AES-256-GCM with one message's key; the header is authenticated. */
const cipher = async (
  which: 'encrypt' | 'decrypt',
  message: Uint8Array,
  header: Uint8Array,
  salt: Uint8Array,
  bytes: Uint8Array,
): Promise<Uint8Array> => {
  const key = await crypto.subtle.importKey('raw', buffer(message), 'AES-GCM', false, [which])
  const algorithm = { name: 'AES-GCM', iv: buffer(salt.subarray(0, NONCE_BYTES)), additionalData: buffer(header) }
  return new Uint8Array(await crypto.subtle[which](algorithm, key, buffer(bytes)))
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

async function sealWith(key: CryptoKey, context: SealContext, plain: Uint8Array): Promise<Uint8Array> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
  const header = Uint8Array.of(VERSION, SUITE_HMAC_AES256GCM, 0, 0, 0, EPOCH)
  const [message, commitment] = await derive(key, salt, context)
  return concatBytes(header, salt, commitment, await cipher('encrypt', message, header, salt, plain))
}

async function openWith(key: CryptoKey, context: SealContext, sealed: Uint8Array): Promise<Result<Uint8Array, KeyringFailure>> {
  const body = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES
  if (sealed.length < body + 16 || sealed[0] !== VERSION || sealed[1] !== SUITE_HMAC_AES256GCM) return err('UNREADABLE')
  const salt = sealed.subarray(HEADER_BYTES, HEADER_BYTES + SALT_BYTES)
  const [message, commitment] = await derive(key, salt, context)
  if (!sameBytes(commitment, sealed.subarray(HEADER_BYTES + SALT_BYTES, body))) return err('KEY_MISMATCH')
  try {
    return ok(await cipher('decrypt', message, sealed.subarray(0, HEADER_BYTES), salt, sealed.subarray(body)))
  } catch {
    return err('UNREADABLE')
  }
}

const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

export function createWebCryptoKeyring({ log, database }: LogDep & { readonly database: SecretsDatabase }): Keyring {
  let loading: Promise<Device | null> | null = null
  let proving: Promise<Result<Device, KeyringFailure>> | null = null

  const forget = (): void => {
    loading = null
    proving = null
  }
  // The page may delete the database at any time (a recovery step); a cached key must not outlive it.
  database.onLost(forget)

  /** Keeps a new key and reads it back; `null` when what came back is no key. */
  async function make(): Promise<Device | null> {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
    try {
      await database.set(KEY_NAME, key)
    } catch (error) {
      log.line({ level: 'warn', text: `Failed to save key: ${errorName(error)}` })
      return { key, made: true, durable: false }
    }
    log.line({ level: 'info', text: '[MAESTRO] Device key generated' })
    const kept = await database.get(KEY_NAME)
    return kept instanceof CryptoKey ? { key: kept, made: true, durable: true } : null
  }

  /** Reading may begin with the key itself; sealing waits for the proof. */
  const load = (): Promise<Device | null> => {
    loading ??= database.get(KEY_NAME).then((kept) => (kept instanceof CryptoKey ? { key: kept, made: false, durable: true } : make()))
    return loading
  }

  async function prove(): Promise<Result<Device, KeyringFailure>> {
    try {
      const device = await load()
      if (!device) return err('KEY_NULL')
      const probe = await openWith(device.key, CANARY, await sealWith(device.key, CANARY, utf8ToBytes('canary')))
      return probe.ok ? ok(device) : err('KEY_MISMATCH')
    } catch (error) {
      log.line({ level: 'error', text: 'Failed to open maestro_secrets DB' })
      log.line({ level: 'error', text: `[MAESTRO] Crypto initialization failed: ${errorName(error)}` })
      return err('DB_UNOPENABLE')
    }
  }

  const start = async (): Promise<Result<Device, KeyringFailure>> => {
    proving ??= prove()
    const proved = await proving
    if (!proved.ok) forget()
    return proved
  }

  const key = async (): Promise<CryptoKey> => {
    const proved = await start()
    if (!proved.ok) throw new Error('Key not found', { cause: proved.error })
    return proved.value.key
  }

  return {
    async start() {
      const proved = await start()
      return proved.ok ? ok({ made: proved.value.made, durable: proved.value.durable }) : proved
    },
    seal: async (context, plain) => sealWith(await key(), context, plain),
    async open(context, sealed) {
      const device = await load().catch(() => null)
      // Without a key: what `start` says about it.
      const result = device ? ok(device) : await start()
      return result.ok ? openWith(result.value.key, context, sealed) : result
    },
    tag: async (text) => bytesToHex(await hmac(await key(), concatBytes(utf8ToBytes('maestro/tag/1'), utf8ToBytes(text)))),
  }
}
