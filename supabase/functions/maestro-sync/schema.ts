import * as v from 'valibot'

// Plain ASCII, as nearly all of it is, is told at a glance.
const isWellFormed = (text: string): boolean => /^[ -~]*$/.test(text) || (text.isWellFormed() && !/\p{Cc}/u.test(text))
const wellFormed = v.check(isWellFormed, 'control character or lone surrogate')
/** One look at each: a batch has thousands of these. */
const text = (max: number) =>
  v.custom<string>(
    (given) => typeof given === 'string' && given.length >= 1 && given.length <= max && isWellFormed(given),
    `not 1 to ${max} characters, a control character or a lone surrogate`,
  )
const digest = v.custom<string>((given) => typeof given === 'string' && /^[0-9a-f]{64}$/.test(given), 'not 64 hexadecimal digits')
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000))

export const KeySchema = text(255)

export const ReportSchema = v.object({
  crypto_initialized: v.boolean(),
  blocked_operations: count,
  man_mode_escalations: count,
  sync_success_rate: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** How much is not finished on this device, and how much of that asks a person; of the caller only. */
  waiting: v.optional(count),
  awaiting_approval: v.optional(count),
})

/** A claim; the runbook's snippet sends the first four fields only. */
export const ClaimItemSchema = v.object({
  idempotency_key: KeySchema,
  trace_id: text(255),
  action: text(255),
  params_digest: v.optional(digest),
  lane: v.optional(v.picklist(['GREEN', 'YELLOW', 'RED', 'BLOCKED'])),
})

export const ClaimSchema = v.object({
  tenant_id: text(128),
  ...ClaimItemSchema.entries,
  device_id: v.optional(text(128)),
  report: v.optional(ReportSchema),
})

/** A completion; `result` is an envelope as base64url, so it begins with a low version byte and is at least as long as header, salt, commitment and tag. */
export const CompletionItemSchema = v.object({
  idempotency_key: KeySchema,
  fence: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  state: v.picklist(['done', 'dead', 'denied', 'expired', 'cancelled', 'refused']),
  result: v.nullable(v.pipe(v.string(), v.regex(/^A[A-Za-z0-9_-]{103,524287}$/))),
})

export const CompleteSchema = v.object({ tenant_id: text(128), ...CompletionItemSchema.entries })

/** An entry of a device's own audit chain. Whether it continues the chain is for the database to say. */
export const AuditItemSchema = v.object({
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  at: v.pipe(v.number(), v.safeInteger()),
  kind: text(64),
  receipt: v.pipe(v.string(), v.maxLength(255), wellFormed),
  digest,
  hash: digest,
})

const list = v.optional(v.array(v.unknown()), [])

/** A batch as a whole; its items are judged one by one. */
export const BatchSchema = v.object({
  tenant_id: text(128),
  device_id: text(128),
  report: v.optional(ReportSchema),
  claims: list,
  completions: list,
  audit: list,
})

export type Claim = v.InferOutput<typeof ClaimSchema>
export type Completion = v.InferOutput<typeof CompleteSchema>
export type Report = v.InferOutput<typeof ReportSchema>
export type Batch = v.InferOutput<typeof BatchSchema>

const refusals = [
  v.object({ claimed: v.literal(false), idempotent: v.literal(true), state: v.string(), result: v.nullable(v.string()) }),
  v.object({ claimed: v.literal(false), code: v.literal('IN_PROGRESS'), retry_after_s: v.number() }),
  v.object({ claimed: v.literal(false), code: v.literal('KEY_REUSED') }),
] as const

/** What `maestro_claim_receipt` answers. */
export const ClaimAnswerSchema = v.union([
  v.object({ claimed: v.literal(true), fence: v.number(), retention_s: v.number(), begun_elsewhere: v.optional(v.literal(true)) }),
  ...refusals,
])

/** What `maestro_sync_batch` answers for one claim: the retention is told once for all. */
const ClaimedSchema = v.union([v.object({ claimed: v.literal(true), fence: v.number(), begun_elsewhere: v.optional(v.literal(true)) }), ...refusals])

/** What `maestro_complete_receipt` answers. */
export const CompleteAnswerSchema = v.variant('completed', [
  v.object({ completed: v.literal(true) }),
  v.object({ completed: v.literal(false), code: v.picklist(['FENCE_STALE', 'RECEIPT_UNKNOWN']) }),
])

/** What `maestro_sync_batch` answers; the answers for items go on to the caller with their keys. */
export const BatchAnswerSchema = v.object({
  claims: v.array(ClaimedSchema),
  completions: v.array(CompleteAnswerSchema),
  audit: v.object({ through: v.number(), hash: v.string(), code: v.optional(v.string()) }),
  retention_s: v.number(),
  server_time: v.string(),
  kill_version: v.number(),
})
