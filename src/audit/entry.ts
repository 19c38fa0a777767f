import { digestJson } from '../base/digest.ts'

/** What a fact leaves in the chain: no plaintext, only what happened, when, to which receipt, and the digest of its sealed bytes. */
export type AuditFact = { readonly at: number; readonly kind: string; readonly receipt: string; readonly digest: string }

export type AuditEntry = AuditFact & { readonly seq: number; readonly hash: string }

export type ChainHead = { readonly seq: number; readonly hash: string }

/** The chain's beginning: sequence 0, all zeros. */
export const GENESIS: ChainHead = { seq: 0, hash: '0'.repeat(64) }

/** What is hashed of one step, in its canonical form: the entry's fields and the hash before them. */
export const link = (head: ChainHead, { at, kind, receipt, digest }: AuditFact) => ({
  v: 1,
  seq: head.seq + 1,
  at,
  kind,
  receipt,
  digest,
  prev: head.hash,
})

/** One step; its hash is SHA-256, hex, of its link, made here unless somebody has it. */
export const chain = (head: ChainHead, fact: AuditFact, hash = digestJson(link(head, fact))): AuditEntry => ({
  seq: head.seq + 1,
  at: fact.at,
  kind: fact.kind,
  receipt: fact.receipt,
  digest: fact.digest,
  hash,
})
