import type { Result } from '../../src/base/result.ts'

/** What a sealed record is bound to; opening under another context fails (rows cannot be swapped). */
export type SealContext = { readonly store: string; readonly record: string; readonly owner: string; readonly shape: number }

export type KeyringFailure = 'FIRST_RUN' | 'KEY_NULL' | 'KEY_MISMATCH' | 'DB_UNOPENABLE' | 'UNREADABLE'

/**
 * Holds the device key and never gives its bytes (law 10). `start` proves a real round trip through storage before the
 * keyring may be used; every method after a failed start fails the same way.
 */
export interface Keyring {
  /** Opens or makes the device key. `made` tells a new key from a kept one. */
  start(): Promise<Result<{ readonly made: boolean; readonly durable: boolean }, KeyringFailure>>
  seal(context: SealContext, plain: Uint8Array): Promise<Uint8Array>
  open(context: SealContext, sealed: Uint8Array): Promise<Result<Uint8Array, KeyringFailure>>
  /** A keyed tag (HMAC-SHA-256) over text, for capabilities. */
  tag(text: string): Promise<string>
  /** SHA-256, hex, off the worker's thread: where a digest may be waited for, a cold worker need not warm up for it. Uses no key. */
  digest(bytes: Uint8Array): Promise<string>
}

export type KeyringDep = { readonly keyring: Keyring }
