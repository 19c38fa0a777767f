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
import type { LockDep } from '../ports/lock.ts'
import type { LogDep } from '../ports/log.ts'
import { setAside } from './set-aside.ts'
import type { SecretsDatabase } from './secrets-database.ts'
import { envelopeCipher, hmac } from './webcrypto-envelope.ts'

/** Rotations under one root; the other half of an epoch's 32 bits counts roots. */
const ROTATIONS = 0x1_0000
const CANARY = 'maestro/account-canary/1'
/** Every change of the keys, in all workers of this origin. */
const LOCK = 'maestro-account-keys'
/** Derived keys at hand: some epochs of four stores; the others are derived again. */
const TIER_KEYS_MAX = 64

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

const NewerSchema = v.looseObject({ v: v.pipe(v.number(), v.minValue(2)) })

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

export function createAccountKeys({ log, lock, database }: LogDep & LockDep & { readonly database: SecretsDatabase }): AccountKeys {
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

  /** What lies on disk, proven; `null` when nothing does. */
  async function kept(owner: string): Promise<Result<Loaded | null, AccountKeysFailure | 'KEY_MISMATCH'>> {
    const there = await database.get(nameOf(owner))
    if (there === undefined) return ok(null)
    const stored = v.safeParse(StoredSchema, there)
    if (!stored.success) return err(v.is(NewerSchema, there) ? 'NEWER' : 'KEY_NULL')
    const root = stored.output.roots.at(-1)
    const isProven = root !== undefined && (await hexOf(root.key, CANARY)) === stored.output.canary
    return isProven ? ok(await loaded(stored.output, 'OK', true)) : err('KEY_MISMATCH')
  }

  /** Nothing is written over: new keys take the place of what cannot be used only when that lies safely aside. */
  const replaced = (owner: string): Promise<Result<Loaded, AccountKeysFailure>> =>
    lock.hold(LOCK, async () => {
      // Another worker may have been faster.
      const there = await kept(owner)
      if (there.ok) return there.value ? ok(there.value) : make(owner, 'FIRST_RUN')
      if (there.error !== 'KEY_NULL' && there.error !== 'KEY_MISMATCH') return err(there.error)
      await setAside(database, nameOf(owner))
      return make(owner, there.error)
    })

  async function read(owner: string): Promise<Result<Loaded, AccountKeysFailure>> {
    try {
      const there = await kept(owner)
      return there.ok && there.value ? ok(there.value) : await replaced(owner)
    } catch (error) {
      log.line({ level: 'error', text: 'Failed to open maestro_secrets DB' })
      log.line({ level: 'error', text: `[MAESTRO] Crypto initialization failed: ${errorName(error)}` })
      return err('DB_UNOPENABLE')
    }
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

  /** One change after another, each of what lies there when its turn comes; `null` from `next`: there is nothing to change. */
  async function change<E>(
    owner: string,
    next: (now: Loaded) => Promise<Result<Stored | null, E>>,
  ): Promise<Result<AccountState | null, E | AccountKeysFailure>> {
    // Makes them where there are none, before the lock is held.
    const found = await find(owner)
    if (!found.ok) return found
    return lock.hold(LOCK, async () => {
      const there = await kept(owner).catch(() => err('DB_UNOPENABLE' as const))
      if (!there.ok) return err(there.error === 'KEY_MISMATCH' ? 'KEY_NULL' : there.error)
      // Keys that could not be kept lie nowhere but here.
      const stored = await next(there.value ?? found.value)
      if (!stored.ok) return stored
      if (!stored.value) return ok(null)
      const written = await keep(owner, stored.value, 'OK')
      if (written.ok) owners.set(owner, Promise.resolve(written))
      return written.ok ? ok(written.value.state) : written
    })
  }

  /** The key of one store in one epoch, under the root of that epoch's generation. */
  async function tierKey(held: Loaded, set: string, store: string, epoch: number): Promise<CryptoKey | null> {
    const root = held.sets.get(set)?.roots.find(({ generation }) => generation === Math.floor(epoch / ROTATIONS))
    if (!root) return null
    const name = `${set}/${epoch}/${store}`
    const there = tierKeys.get(name) ?? hmac(root.key, concatBytes(utf8ToBytes(`maestro/tier/1\n${store}\n`), u32(epoch))).then(importRaw)
    tierKeys.set(name, there)
    const [oldest] = tierKeys.keys()
    if (tierKeys.size > TIER_KEYS_MAX && oldest !== undefined) tierKeys.delete(oldest)
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
      const pin: Pin = { generation, public: unlockers.signers.at(-1)?.public ?? '' }
      const set = await setName({ names, roots })
      const root = roots.at(-1)
      const canary = root ? await hexOf(root.key, CANARY) : ''
      const adopted = await change<AdoptFailure>(owner, async ({ stored, state }) => {
        const isSame = set === state.set
        if (state.generation > 0 && !isSame) return err('OTHER_ACCOUNT')
        if (generation < state.generation) return err('OLDER')
        if (!(await isTrueTo(stored.pin ?? pin, unlockers, verifyEd25519))) return err('FORGED')
        return ok({
          v: 1,
          names,
          roots,
          pin,
          epoch: Math.max(isSame ? state.epoch : 0, generation * ROTATIONS),
          retiring: isSame ? stored.retiring : [...stored.retiring, { names: stored.names, roots: stored.roots }],
          canary,
        })
      })
      if (!adopted.ok) return adopted
      return adopted.value ? ok(adopted.value) : err('INVALID')
    },

    async advance(owner, epoch) {
      const isLater = ({ state }: Loaded): boolean => epoch > state.epoch && Math.floor(epoch / ROTATIONS) === state.generation
      // Asked for every record that comes: mostly there is nothing to change.
      if (!isLater(await proven(owner))) return null
      const changed = await change<never>(owner, async (now) => ok(isLater(now) ? { ...now.stored, epoch } : null))
      return changed.ok ? changed.value : null
    },

    async retire(owner, set) {
      await change<never>(owner, async ({ stored }) => {
        const retiring: KeySet[] = []
        for (const old of stored.retiring) if ((await setName(old)) !== set) retiring.push(old)
        return ok({ ...stored, retiring })
      })
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
      if (key) return openEnvelope(envelopeCipher(key), { ...context, epoch }, sealed)
      const { sets, state } = found.value
      // A root that is still to come; or the account's keys, which this device has lost or never had. Keys of a device alone come back from nowhere.
      const mayCome = sets.has(set) || (state.generation === 0 && epoch >= ROTATIONS)
      return err(mayCome ? 'LOCKED' : 'KEY_MISMATCH')
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
