import { digestJson } from '../base/digest.ts'

/** What a fact leaves in the chain: no plaintext, only what happened, when, to which receipt, and the digest of its sealed bytes. */
export type AuditFact = { readonly at: number; readonly kind: string; readonly receipt: string; readonly digest: string }

export type AuditEntry = AuditFact & { readonly seq: number; readonly hash: string }

export type ChainHead = { readonly seq: number; readonly hash: string }

/** The chain's beginning: sequence 0, all zeros. */
export const GENESIS: ChainHead = { seq: 0, hash: '0'.repeat(64) }

/** One step: entry bytes are the canonical form of its fields and the hash before it, SHA-256. */
export function chain(head: ChainHead, fact: AuditFact): AuditEntry {
  const seq = head.seq + 1
  const hash = digestJson({ v: 1, seq, at: fact.at, kind: fact.kind, receipt: fact.receipt, digest: fact.digest, prev: head.hash })
  return { seq, at: fact.at, kind: fact.kind, receipt: fact.receipt, digest: fact.digest, hash }
}
