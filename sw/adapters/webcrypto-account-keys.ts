/**
 * The account's keys in `maestro_secrets`: HMAC handles that cannot be exported, one record for each principal.
 *
 * A record is written whole, in one transaction, before anything is sealed under it; keys that are left behind stay in it until nothing
 * is sealed under them: so a worker that is killed at any moment finds all it needs to go on.
 */
import { base64UrlToBytes, bytesToHex, concatBytes, utf8ToBytes } from '../../src/base/bytes.ts'
import { envelopeEpoch, openEnvelope, sealEnvelope } from '../../src/base/envelope.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { isTrueTo, UnlockersSchema, type AccountHandles, type Pin } from '../../src/protocol/account.ts'
import * as v from '../../src/protocol/schema.ts'
import type { AccountKeys, AccountKeysFailure, AccountState, AdoptFailure, MemoryContext } from '../ports/account-keys.ts'
import type { LogDep } from '../ports/log.ts'
import type { SecretsDatabase } from './secrets-database.ts'
import { envelopeCipher, hmac } from './webcrypto-envelope.ts'

/** Rotations under one root; the other half of an epoch's 32 bits counts roots. */
const ROTATIONS = 0x1_0000
const CANARY = 'maestro/account-canary/1'

const isHandle = (value: unknown): value is CryptoKey =>
  value instanceof CryptoKey && !value.extractable && value.algorithm.name === 'HMAC' && value.usages.join() === 'sign'

const HandleSchema = v.custom<CryptoKey>(isHandle)
const RootsSchema = v.pipe(v.array(v.object({ generation: v.number(), key: HandleSchema })), v.minLength(1))
const SetSchema = v.object({ names: HandleSchema, roots: RootsSchema })

const StoredSchema = v.object({
  v: v.literal(1),
  ...SetSchema.entries,
  epoch: v.number(),
  pin: v.nullable(v.object({ generation: v.number(), public: v.string() })),
  retiring: v.array(SetSchema),
  /** What the present root made of a known text when the record was written. */
  canary: v.string(),
})
type Stored = v.InferOutput<typeof StoredSchema>
type KeySet = v.InferOutput<typeof SetSchema>

type Loaded = { readonly stored: Stored; readonly sets: ReadonlyMap<string, KeySet>; readonly state: AccountState }

const HandlesSchema = v.object({ ...SetSchema.entries, generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), unlockers: UnlockersSchema })

const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const hexOf = async (key: CryptoKey, text: string): Promise<string> => bytesToHex(await hmac(key, utf8ToBytes(text)))
const setName = async ({ names }: KeySet): Promise<string> => (await hexOf(names, 'maestro/key-set/1')).slice(0, 16)
const newKey = (): Promise<CryptoKey> => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])
const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error')

const importRaw = (bytes: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', new Uint8Array(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

async function verifyEd25519(publicKey: string, signature: string, bytes: Uint8Array): Promise<boolean> {
  const [raw, signed] = [publicKey, signature].map(base64UrlToBytes)
  if (!raw || !signed) return false
  const key = await crypto.subtle.importKey('raw', new Uint8Array(raw), 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, new Uint8Array(signed), new Uint8Array(bytes))
}

export function createAccountKeys({ log, database }: LogDep & { readonly database: SecretsDatabase }): AccountKeys {
  const owners = new Map<string, Promise<Result<Loaded, AccountKeysFailure>>>()
  const tierKeys = new Map<string, Promise<CryptoKey>>()
  database.onLost(() => {
    owners.clear()
    tierKeys.clear()
  })

  const nameOf = (owner: string): string => `account/${owner}`

  async function loaded(stored: Stored, was: AccountState['was'], durable: boolean): Promise<Loaded> {
    const sets = new Map<string, KeySet>()
    for (const set of [...stored.retiring, stored]) sets.set(await setName(set), set)
    const names = [...sets.keys()]
    const generation = stored.roots.at(-1)?.generation ?? 0
    const { pin, epoch } = stored
    return { stored, sets, state: { set: names.at(-1) ?? '', epoch, generation, pin, retiring: names.slice(0, -1), was, durable } }
  }

  /** Writes the record and reads it back in another transaction: what cannot be cloned or kept is known now, not when it is needed. */
  async function keep(owner: string, stored: Stored, was: AccountState['was']): Promise<Result<Loaded, AccountKeysFailure>> {
    try {
      await database.set(nameOf(owner), stored)
    } catch (error) {
      const name = errorName(error)
      log.line({ level: 'warn', text: `Failed to save key: ${name}` })
      // A new key still serves while this worker lives; one that must outlive it does not.
      if (name === 'QuotaExceededError' && was !== 'OK') return ok(await loaded(stored, was, false))
      return err(name === 'DataCloneError' ? 'CLONE_ERROR' : 'DB_UNOPENABLE')
    }
    const kept = v.safeParse(StoredSchema, await database.get(nameOf(owner)))
    return kept.success ? ok(await loaded(kept.output, was, true)) : err('KEY_NULL')
  }

  async function make(owner: string, was: AccountState['was']): Promise<Result<Loaded, AccountKeysFailure>> {
    const [names, key] = await Promise.all([newKey(), newKey()])
    const made = await keep(
      owner,
      { v: 1, names, roots: [{ generation: 0, key }], epoch: 0, pin: null, retiring: [], canary: await hexOf(key, CANARY) },
      was,
    )
    if (made.ok && made.value.state.durable) log.line({ level: 'info', text: '[MAESTRO] Memory key generated' })
    return made
  }

  async function read(owner: string): Promise<Result<Loaded, AccountKeysFailure>> {
    let there: unknown
    try {
      there = await database.get(nameOf(owner))
    } catch (error) {
      log.line({ level: 'error', text: 'Failed to open maestro_secrets DB' })
      log.line({ level: 'error', text: `[MAESTRO] Crypto initialization failed: ${errorName(error)}` })
      return err('DB_UNOPENABLE')
    }
    if (there === undefined) return make(owner, 'FIRST_RUN')
    const stored = v.safeParse(StoredSchema, there)
    const root = stored.success ? stored.output.roots.at(-1) : undefined
    if (stored.success && root && (await hexOf(root.key, CANARY)) === stored.output.canary) return ok(await loaded(stored.output, 'OK', true))
    // Nothing is written over: whoever can still use it may be a later build.
    await database.set(`${nameOf(owner)}/aside`, there).catch(() => undefined)
    return make(owner, stored.success ? 'KEY_MISMATCH' : 'KEY_NULL')
  }

  const find = (owner: string): Promise<Result<Loaded, AccountKeysFailure>> => {
    const there = owners.get(owner) ?? read(owner)
    owners.set(owner, there)
    void there.then(
      (result) => result.ok || owners.delete(owner),
      () => owners.delete(owner),
    )
    return there
  }

  const proven = async (owner: string): Promise<Loaded> => {
    const found = await find(owner)
    if (!found.ok) throw new Error('Key not found', { cause: found.error })
    return found.value
  }

  async function change(owner: string, stored: Stored): Promise<Result<AccountState, AccountKeysFailure>> {
    const kept = await keep(owner, stored, 'OK')
    if (kept.ok) owners.set(owner, Promise.resolve(kept))
    return kept.ok ? ok(kept.value.state) : kept
  }

  /** The key of one store in one epoch, under the root of that epoch's generation. */
  async function tierKey(held: Loaded, set: string, store: string, epoch: number): Promise<CryptoKey | null> {
    const root = held.sets.get(set)?.roots.find(({ generation }) => generation === Math.floor(epoch / ROTATIONS))
    if (!root) return null
    const name = `${set}/${epoch}/${store}`
    const there = tierKeys.get(name) ?? hmac(root.key, concatBytes(utf8ToBytes(`maestro/tier/1\n${store}\n`), u32(epoch))).then(importRaw)
    tierKeys.set(name, there)
    return there
  }

  return {
    async load(owner) {
      const found = await find(owner)
      return found.ok ? ok(found.value.state) : found
    },

    async adopt(owner, handles: AccountHandles): Promise<Result<AccountState, AdoptFailure>> {
      const parsed = v.safeParse(HandlesSchema, handles)
      if (!parsed.success || parsed.output.roots.at(-1)?.generation !== parsed.output.unlockers.generation) return err('INVALID')
      const { names, roots, unlockers, generation } = parsed.output
      const found = await find(owner)
      if (!found.ok) return found
      const { stored, state } = found.value
      const isSame = (await setName({ names, roots })) === state.set
      if (state.generation > 0 && !isSame) return err('OTHER_ACCOUNT')
      if (generation < state.generation) return err('OLDER')
      const pin: Pin = { generation, public: unlockers.signers.at(-1)?.public ?? '' }
      if (!(await isTrueTo(stored.pin ?? pin, unlockers, verifyEd25519))) return err('FORGED')
      const root = roots.at(-1)
      return change(owner, {
        v: 1,
        names,
        roots,
        pin,
        epoch: Math.max(isSame ? state.epoch : 0, generation * ROTATIONS),
        retiring: isSame ? stored.retiring : [...stored.retiring, { names: stored.names, roots: stored.roots }],
        canary: root ? await hexOf(root.key, CANARY) : '',
      })
    },

    async advance(owner, epoch) {
      const { stored, state } = await proven(owner)
      if (epoch <= state.epoch || Math.floor(epoch / ROTATIONS) !== state.generation) return null
      const changed = await change(owner, { ...stored, epoch })
      return changed.ok ? changed.value : null
    },

    async retire(owner, set) {
      const { stored } = await proven(owner)
      const retiring: KeySet[] = []
      for (const old of stored.retiring) if ((await setName(old)) !== set) retiring.push(old)
      await change(owner, { ...stored, retiring })
    },

    async seal(owner, context, plain) {
      const held = await proven(owner)
      const { set, epoch } = held.state
      const key = await tierKey(held, set, context.store, epoch)
      if (!key) throw new Error('Key not found')
      return sealEnvelope(envelopeCipher(key), epoch, { ...context, epoch }, plain)
    },

    async open(owner, set, context, sealed) {
      const found = await find(owner)
      if (!found.ok) return found
      const epoch = envelopeEpoch(sealed)
      const key = await tierKey(found.value, set, context.store, epoch)
      return key ? openEnvelope(envelopeCipher(key), { ...context, epoch }, sealed) : err('LOCKED')
    },

    async name(owner, text, set) {
      const { sets, state } = await proven(owner)
      const keys = sets.get(set ?? state.set)
      if (!keys) throw new Error('Key not found')
      return hexOf(keys.names, `maestro/name/1\n${text}`)
    },

    sealUnder: async (key, context: MemoryContext, plain) => sealEnvelope(envelopeCipher(await importRaw(key)), 0, context, plain),
    openUnder: async (key, context, sealed) => openEnvelope(envelopeCipher(await importRaw(key)), context, sealed),
  }
}
