/** Projections of records to what pages see. Pure: (record, surroundings) → view. */
import { actionOf, isKeyed } from './action-of.ts'
import { canonical } from '../../src/base/canonical.ts'
import { digestWords } from '../../src/base/digest-words.ts'
import { originOf } from '../../src/policy/origin.ts'
import type { ApprovalView, FieldView, GateView, Guarantee, ReceiptView, Status, WaitingFor } from '../../src/protocol/views.ts'
import type { Actions, Effect } from '../ports/action.ts'
import { isHeld } from './gate-state.ts'
import { FINAL, type ReceiptRecord } from './receipt-record.ts'

export type Surroundings = {
  readonly gate: GateView
  readonly online: boolean
  /** Whether something stops this very receipt while the gate in general does not. */
  readonly isStopped?: (record: ReceiptRecord) => boolean
  /** Signed in, with a token that the server takes. */
  readonly signedIn: boolean
  /** Whether this build declares the action at the version it was asked for. */
  readonly isKnown: (record: ReceiptRecord) => boolean
  readonly guaranteeOf: (record: ReceiptRecord) => Guarantee
  readonly blockedBy: (record: ReceiptRecord) => string | null
}

/** What the effect's kind lets us promise. An action that this build does not know is promised the least. */
export const guaranteeOf = (effect: Effect | undefined): Guarantee => (effect?.kind === 'local' || isKeyed(effect) ? 'exactly-once' : 'at-most-once')

const isStopped = (record: ReceiptRecord, around: Surroundings): boolean => isHeld(around.gate) || (around.isStopped?.(record) ?? false)

function statusOf(record: ReceiptRecord, around: Surroundings, blocker: string | null): Status {
  if (FINAL.has(record.state)) return record.state as Status
  if (record.state === 'awaiting-approval') return 'awaiting-approval'
  if (isStopped(record, around) || !around.signedIn || record.state === 'exported' || blocker !== null || !around.isKnown(record)) return 'held'
  return record.state === 'unknown' ? 'unknown' : 'queued'
}

function waitingFor(record: ReceiptRecord, around: Surroundings, blocker: string | null): WaitingFor {
  if (record.state === 'exported') return 'export'
  if (record.state === 'awaiting-approval') return 'approval'
  if (isStopped(record, around)) return 'gate'
  if (!around.signedIn) return 'sign-in'
  if (!around.isKnown(record)) return 'update'
  if (record.state === 'leased') return 'running'
  if (record.state === 'unknown' && record.waiting === null) return 'person'
  if (blocker !== null) return 'sequence'
  if (!around.online) return 'network'
  return record.waiting ?? 'its turn'
}

export function receiptView(record: ReceiptRecord, around: Surroundings): ReceiptView {
  const blocker = around.blockedBy(record)
  const base = {
    id: record.id,
    key: record.key,
    action: record.call.action,
    status: statusOf(record, around, blocker),
    lane: record.lane,
    reasons: record.reasons,
    agent: record.call.agent,
    params: record.call.params,
    digest: record.digest,
    admittedAt: record.admittedAt,
    updatedAt: record.updatedAt,
    attempts: record.attempts,
    synced: record.synced,
    guarantee: around.guaranteeOf(record),
    ...(record.sequence !== null && { sequence: record.sequence }),
    ...(blocker !== null && { blockedBy: blocker }),
    ...(record.result !== undefined && { result: record.result }),
    ...(record.failure !== undefined && { failure: record.failure }),
  }
  if (FINAL.has(record.state)) return base
  const dueAt =
    record.state === 'awaiting-approval' ? record.call.expires : record.state === 'leased' ? (record.leaseUntil ?? record.dueAt) : record.dueAt
  return { ...base, dueAt, waitingFor: waitingFor(record, around, blocker) }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : canonical(value as never))

/** What the dialog shows: made from the canonical call that will run, and from nothing a page said (law 6). */
export function approvalView(record: ReceiptRecord, actions: Actions): ApprovalView {
  const { call } = record
  const declared = actionOf(actions, call.action)
  const fields = Object.entries(call.params).map(([name, value]): FieldView => {
    const items = (Array.isArray(value) ? value : [value]).map((one) => {
      const text = shown(one)
      return { value: text, ...originOf(text, call.agent, record.sources) }
    })
    const worst = items.find((said) => said.origin === 'untrusted') ?? items.find((said) => said.origin === 'agent') ?? items[0]
    return {
      name,
      role: declared?.roles?.[name] ?? 'detail',
      origin: 'agent',
      ...worst,
      value: items.map((said) => said.value).join(', '),
      ...(Array.isArray(value) && { items }),
    }
  })
  return {
    id: record.id,
    key: record.key,
    digest: record.digest,
    words: digestWords(record.digest),
    action: call.action,
    title: declared?.title ?? call.action,
    lane: record.lane,
    reasons: record.reasons,
    agent: call.agent,
    principal: call.principal,
    fields,
    reversible: declared?.reversible ?? false,
    leaves: leaves(declared?.effect),
    ...(record.agentReason !== null && { agentReason: record.agentReason }),
    requestedAt: record.admittedAt,
    expiresAt: call.expires,
  }
}

const leaves = (effect: Actions[string]['effect'] | undefined): string => {
  if (effect?.kind === 'http') return `These values are sent to ${effect.url}${effect.batch ? ` or ${effect.batch.url}` : ''}`
  if (effect?.kind === 'page') return 'These values are given to the open page'
  return 'Nothing leaves this device'
}
