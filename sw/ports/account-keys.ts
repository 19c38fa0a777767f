import type { AccountHandles, Pin } from '../../src/protocol/account.ts'
import type { Result } from '../../src/base/result.ts'

/** What a sealed memory is bound to; the key epoch is added by the seal. */
export type MemoryContext = {
  readonly tenant: string
  readonly principal: string
  readonly store: string
  readonly record: string
  readonly shape: number
}

/** The keys that a principal's memory is sealed under on this device. */
export type AccountState = {
  /** Names the set of keys; the same on every device that has unlocked the account. */
  readonly set: string
  /** The epoch that is sealed under now: generation of the root, then rotations under it. */
  readonly epoch: number
  /** 0: keys of this device alone, because no account was unlocked here. */
  readonly generation: number
  /** The signer this device believes in. */
  readonly pin: Pin | null
  /** Sets whose records are still being sealed anew. */
  readonly retiring: readonly string[]
  /** What this worker found when it looked; keys that could not be used lie aside, and new ones were made. */
  readonly was: 'OK' | 'FIRST_RUN' | 'KEY_NULL' | 'KEY_MISMATCH'
  readonly durable: boolean
}

/** `NEWER`: a later build wrote them; they stay as they are. */
export type AccountKeysFailure = 'KEY_NULL' | 'CLONE_ERROR' | 'DB_UNOPENABLE' | 'NEWER'
/** Why keys that a page brought are not taken: another account's, an older generation, or not signed by whom this device believes in. */
export type AdoptFailure = AccountKeysFailure | 'OTHER_ACCOUNT' | 'OLDER' | 'FORGED' | 'INVALID'
/** `LOCKED`: an unlocking may open it; `KEY_MISMATCH`, `UNREADABLE`: nothing will on this device. */
export type OpenFailure = AccountKeysFailure | 'LOCKED' | 'KEY_MISMATCH' | 'UNREADABLE'

/**
 * The account's keys on this device: handles that nobody can export. Every method but `load` needs a loaded owner. Sealing derives, from
 * the root, one key for each store and epoch, and from that one for each message.
 */
export interface AccountKeys {
  /** Reads the owner's keys and proves them, or makes keys of this device alone. */
  load(owner: string): Promise<Result<AccountState, AccountKeysFailure>>
  /** Takes over what the unlock document gave, in one write; earlier keys stay at hand until `retire`. */
  adopt(owner: string, handles: AccountHandles): Promise<Result<AccountState, AdoptFailure>>
  /** Seals from now on under this epoch, when it is later. */
  advance(owner: string, epoch: number): Promise<AccountState | null>
  /** Drops a set that nothing is sealed under any more. Only whoever has read every store from disk knows that. */
  retire(owner: string, set: string): Promise<void>
  seal(owner: string, context: MemoryContext, plain: Uint8Array): Promise<Uint8Array>
  open(owner: string, set: string, context: MemoryContext, sealed: Uint8Array): Promise<Result<Uint8Array, OpenFailure>>
  /** A keyed name (HMAC-SHA-256, hex) of a text: the same on every device, and nothing to whoever has not the key. */
  name(owner: string, text: string, set?: string): Promise<string>
  /** Under 32 bytes that are kept apart, so that they can be destroyed. */
  sealUnder(key: Uint8Array, context: MemoryContext, plain: Uint8Array): Promise<Uint8Array>
  openUnder(key: Uint8Array, context: MemoryContext, sealed: Uint8Array): Promise<Result<Uint8Array, OpenFailure>>
}

export type AccountKeysDep = { readonly account: AccountKeys }
