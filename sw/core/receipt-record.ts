/**
 * A receipt's inner record: what is sealed in a ledger row, and the schema it is parsed with when read back (law 8).
 *
 * R1 Everything stamped at admission (id, key, call, digest, lane) never changes afterwards (law 1).
 * R2 `state` moves only through `applyFact`.
 * R3 A row of a newer shape, or one that does not parse, is left as it is and counted.
 */
import type { Json, JsonObject } from '../../src/base/json.ts'
import { FailureSchema } from '../../src/protocol/failure.ts'
import * as v from '../../src/protocol/schema.ts'
import { SourcesSchema } from '../../src/protocol/source.ts'
import { LANES, type Principal } from '../../src/protocol/views.ts'

/** 2 added `asks`, `keptUntil`, `resume` and the state `exported`; `upcast.ts` brings older rows up. */
export const SHAPE = 2

export const STATES = [
  'refused',
  'awaiting-approval',
  'denied',
  'expired',
  'cancelled',
  'ready',
  'leased',
  'done',
  'dead',
  'unknown',
  'exported',
] as const
export type State = (typeof STATES)[number]

export const FINAL: ReadonlySet<State> = new Set<State>(['refused', 'denied', 'expired', 'cancelled', 'done', 'dead'])

const json = v.custom<Json>((value) => value !== undefined)
const object = v.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))

/** The canonical call: what a person approves and the effect carries. Its digest names it. */
export const CallSchema = v.object({
  v: v.literal(1),
  tenant: v.string(),
  principal: v.string(),
  origin: v.string(),
  agent: v.nullable(v.string()),
  action: v.string(),
  version: v.number(),
  params: object,
  policy: v.string(),
  seq: v.number(),
  nonce: v.string(),
  issued: v.number(),
  expires: v.number(),
})
export type CanonicalCall = v.InferOutput<typeof CallSchema>

export const ReceiptRecordSchema = v.object({
  v: v.literal(SHAPE),
  id: v.string(),
  key: v.string(),
  traceId: v.string(),
  call: CallSchema,
  digest: v.string(),
  paramsDigest: v.string(),
  lane: v.picklist(LANES),
  reasons: v.array(v.string()),
  sources: SourcesSchema,
  agentReason: v.nullable(v.string()),
  sequence: v.nullable(v.string()),
  /** Whether a person must approve before it runs: stamped, so that no later build asks for less. */
  asks: v.boolean(),
  state: v.picklist(STATES),
  admittedAt: v.number(),
  updatedAt: v.number(),
  dueAt: v.number(),
  waiting: v.nullable(v.picklist(['undo window', 'retry', 'network', 'sign-in', 'page', 'ledger'])),
  attempts: v.number(),
  failures: v.number(),
  fence: v.nullable(v.number()),
  leaseUntil: v.nullable(v.number()),
  /** Until when the far ends remember this key, epoch ms by the server's clock; set at the first lease. */
  keptUntil: v.nullable(v.number()),
  /** What an exported receipt was before. */
  resume: v.nullable(v.picklist(STATES)),
  /** A person had it tried once more, and it has not been leased since: its approval and its policy count again as before a first attempt. */
  revived: v.optional(v.boolean()),
  approved: v.nullable(v.object({ digest: v.string(), at: v.number(), evidence: v.optional(json) })),
  /** The verdict it would have had, where the action is only observed. */
  observed: v.optional(v.object({ lane: v.picklist(LANES), reasons: v.array(v.string()) })),
  result: v.optional(json),
  failure: v.optional(FailureSchema),
  synced: v.boolean(),
})
export type ReceiptRecord = v.InferOutput<typeof ReceiptRecordSchema>

/** Open: it waits for something, a person should look at it, or the server has not its terminal state. */
export const isOpen = (record: ReceiptRecord): boolean => !FINAL.has(record.state) || record.state === 'dead' || !record.synced

/** A dead letter is not told to the server: it may be tried again under its key, and only what a person gives up is over. */
export const isOwed = (record: ReceiptRecord): boolean => FINAL.has(record.state) && record.state !== 'dead' && !record.synced

/** Nothing moves it but a person. */
export const needsPerson = ({ state, waiting }: ReceiptRecord): boolean =>
  state === 'dead' || state === 'exported' || (state === 'unknown' && waiting === null)

/** Whose receipt it is. */
export const ownerPrincipal = ({ call }: ReceiptRecord): Principal => ({ tenant: call.tenant, user: call.principal })
