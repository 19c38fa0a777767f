/** The keyring over WebCrypto and `maestro_secrets`: a non-extractable HMAC key that never leaves the browser's store. */
import { bytesToHex, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import type { Keyring, KeyringFailure, SealContext } from '../ports/keyring.ts'
import type { LockDep } from '../ports/lock.ts'
import type { LogDep } from '../ports/log.ts'
import { createEnvelope, hmac, type Envelope } from './envelope.ts'
import type { SecretsDatabase } from './secrets-database.ts'
import { webCryptoDigest } from './webcrypto-digest.ts'
import { setAside } from './set-aside.ts'

const KEY_NAME = 'device/1'
const CANARY: SealContext = { store: 'maestro_secrets', record: 'canary', owner: 'device', shape: 1 }

type Device = { readonly key: CryptoKey; readonly envelope: Envelope; readonly made: boolean; readonly durable: boolean }

const deviceOf = (key: CryptoKey, made: boolean, durable: boolean): Device => ({ key, envelope: createEnvelope(key), made, durable })

const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

export function createWebCryptoKeyring({ log, lock, database }: LogDep & LockDep & { readonly database: SecretsDatabase }): Keyring {
  let loading: Promise<Device | null> | null = null
  let proving: Promise<Result<Device, KeyringFailure>> | null = null

  const forget = (): void => {
    loading = null
    proving = null
  }
  // The page may delete the database at any time (a recovery step); a cached key must not outlive it.
  database.onLost(forget)

  async function kept(made: boolean): Promise<Device | null> {
    const key = await database.get(KEY_NAME)
    return key instanceof CryptoKey ? deviceOf(key, made, true) : null
  }

  /** Keeps a new key and reads it back; `null` when what came back is no key. Nothing is written over that does not lie safely aside. */
  async function make(): Promise<Device | null> {
    const there = await kept(false)
    if (there) return there
    await setAside(database, KEY_NAME)
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
    try {
      await database.set(KEY_NAME, key)
    } catch (error) {
      log.line({ level: 'warn', text: `Failed to save key: ${errorName(error)}` })
      return deviceOf(key, true, false)
    }
    log.line({ level: 'info', text: '[MAESTRO] Device key generated' })
    return kept(true)
  }

  /** Reading may begin with the key itself; sealing waits for the proof. */
  const load = (): Promise<Device | null> => {
    loading ??= kept(false).then((device) => device ?? lock.hold('maestro-key', make))
    return loading
  }

  async function prove(): Promise<Result<Device, KeyringFailure>> {
    try {
      const device = await load()
      if (!device) return err('KEY_NULL')
      const probe = await device.envelope.open(CANARY, await device.envelope.seal(CANARY, utf8ToBytes('canary')))
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

  const proven = async (): Promise<Device> => {
    const proved = await start()
    if (!proved.ok) throw new Error('Key not found', { cause: proved.error })
    return proved.value
  }

  return {
    async start() {
      const proved = await start()
      return proved.ok ? ok({ made: proved.value.made, durable: proved.value.durable }) : proved
    },
    seal: async (context, plain) => (await proven()).envelope.seal(context, plain),
    async open(context, sealed) {
      const device = await load().catch(() => null)
      // Without a key: what `start` says about it.
      const result = device ? ok(device) : await start()
      return result.ok ? result.value.envelope.open(context, sealed) : result
    },
    digest: webCryptoDigest,
    tag: async (text) => bytesToHex(await hmac((await proven()).key, utf8ToBytes('maestro/tag/1'), utf8ToBytes(text))),
  }
}
