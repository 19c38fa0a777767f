/**
 * Admission: an intent that parsed becomes a stamped record (law 1).
 *
 * A1 Ids, time, nonce, policy digest come in as arguments; nothing here reads a clock or a random source.
 * A2 The same intent stamped twice has the same id; the ledger's insert decides which was first.
 */
import { digestJson } from '../../src/base/digest.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Verdict } from '../../src/policy/judge.ts'
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Source } from '../../src/protocol/source.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { ActionDeclaration } from '../ports/action.ts'
import { SHAPE, type CanonicalCall, type ReceiptRecord } from './receipt-record.ts'

export type Intent = {
  readonly action: string
  readonly params: JsonObject
  readonly key: string
  readonly agent: string | null
  readonly sources: readonly Source[]
  readonly reason: string | null
  /** How sure the agent says it is, 0 to 1. */
  readonly confidence?: number | undefined
}

export type Stamps = {
  /** By this device's clock: what waits and when to try. */
  readonly now: number
  /** By the server's clock where it is known: what an approval's end is counted from. */
  readonly issued: number
  readonly nonce: string
  readonly seq: number
  readonly origin: string
  readonly principal: Principal
  /** The receipt's, where it is known already. */
  readonly id?: string
}

/** Tenant, principal and key together are a receipt's identity; another person's same key is another receipt. */
export const receiptId = (principal: Principal, key: string): string => digestJson({ tenant: principal.tenant, principal: principal.user, key })

/** The partition a principal's rows lie in. */
export function ownerOf({ tenant, user }: Principal): string {
  const name = JSON.stringify([tenant, user])
  const owner = owners.get(name) ?? digestJson({ tenant, principal: user })
  owners.set(name, owner)
  return owner
}

/** Few people use one browser, and each is asked for with every step. */
const owners = new Map<string, string>()

/** A declaration's rules never change while a worker lives. */
const policies = new WeakMap<object, string>()

function policyOf({ lane }: ActionDeclaration): string {
  const policy = policies.get(lane) ?? digestJson(lane as unknown as JsonObject)
  policies.set(lane, policy)
  return policy
}

/** What "the same parameters" means for a key: action, version and canonical parameters. */
export const fingerprint = (action: string, version: number, params: JsonObject): string => digestJson({ action, version, params })

export function admit(intent: Intent, declared: ActionDeclaration, verdict: Verdict, stamps: Stamps): ReceiptRecord {
  const call: CanonicalCall = {
    v: 1,
    tenant: stamps.principal.tenant,
    principal: stamps.principal.user,
    origin: stamps.origin,
    agent: intent.agent,
    action: intent.action,
    version: declared.version,
    params: intent.params,
    policy: policyOf(declared),
    seq: stamps.seq,
    nonce: stamps.nonce,
    issued: stamps.issued,
    expires: stamps.issued + LIMITS.approvalTtlMs,
  }
  const undo = verdict.lane === 'YELLOW' && declared.undoMs !== undefined
  const asks = verdict.lane === 'RED' || (verdict.lane === 'YELLOW' && !undo)
  const blocked = verdict.lane === 'BLOCKED'
  const record: ReceiptRecord = {
    v: SHAPE,
    id: stamps.id ?? receiptId(stamps.principal, intent.key),
    key: intent.key,
    traceId: stamps.nonce,
    call,
    digest: digestJson(call),
    paramsDigest: fingerprint(intent.action, declared.version, intent.params),
    lane: verdict.lane,
    reasons: [...verdict.reasons],
    sources: [...intent.sources],
    agentReason: intent.reason,
    sequence: declared.sequence?.(intent.params) ?? null,
    asks,
    state: blocked ? 'refused' : asks ? 'awaiting-approval' : 'ready',
    admittedAt: stamps.now,
    updatedAt: stamps.now,
    dueAt: stamps.now + (undo ? (declared.undoMs ?? 0) : 0),
    waiting: undo ? 'undo window' : null,
    attempts: 0,
    failures: 0,
    fence: null,
    leaseUntil: null,
    keptUntil: null,
    resume: null,
    approved: null,
    synced: false,
  }
  return blocked ? { ...record, failure: failure('POLICY_BLOCKED', `${intent.action} is blocked by policy`) } : record
}
