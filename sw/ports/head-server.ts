import type { AuditEntry } from '../../src/audit/entry.ts'
import type { ServerKey, SignedHead } from '../../src/audit/signed-head.ts'

/** What the server keeps of a device: how far it has its chain, its newest signed head, and the first that covers the place asked for. */
export type ShownHeads = { readonly through: number; readonly latest: SignedHead | null; readonly asked: SignedHead | null }

/** `refused` will be said again to this head; `denied` to every head of this device's key; `unreachable` is no answer, or one that may be another later. */
export type HeadAnswer =
  | { readonly kind: 'kept'; readonly signed: SignedHead }
  | { readonly kind: 'refused'; readonly code: 'HEAD_OLD' | 'HEAD_FORK' | 'HEAD_AHEAD'; readonly shown: ShownHeads }
  | { readonly kind: 'denied'; readonly code: string }
  | { readonly kind: 'unreachable' }

/** The server that counter-signs heads of audit chains. Repeating a call has no further effect. Never rejects. */
export interface HeadServer {
  /** Makes the device's public key known, which signed `proof` that it is this device's. */
  register(device: string, publicKey: string, token: string, proof: string): Promise<'registered' | 'refused' | 'unreachable'>
  /** Sends a head with entries before it that the server has not, at most 500. */
  send(tenant: string, head: string, entries: readonly AuditEntry[], token: string): Promise<HeadAnswer>
  show(device: string, covers: number | null, token: string): Promise<ShownHeads | null>
  /** The server's public keys; `null` when it does not answer. */
  keys(): Promise<readonly ServerKey[] | null>
}
