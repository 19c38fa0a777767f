import { KeySchema } from './idempotency-key.ts'
import { LIMITS } from './limits.ts'
import * as v from './schema.ts'

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const shortText = v.pipe(v.string(), v.maxLength(LIMITS.keyCharsMax))
const nothing = v.strictObject({})
const byKey = v.strictObject({ key: KeySchema })
const anything = v.unknown()

const receipt = v.looseObject({ id: hex, key: v.string(), action: v.string(), status: v.string(), lane: v.string(), updatedAt: v.number() })
const snapshot = v.looseObject({ boot: v.string(), seq: v.number(), receipts: v.array(receipt), approvals: v.array(v.looseObject({ id: hex })) })

/**
 * Every command a page may send: argument and result schema, what a caller may do when no answer comes, and how long it waits.
 * Parameters of actions are `unknown` here: admission parses them, with a failure of its own for each way to be wrong.
 */
export const COMMANDS = {
  hello: { args: v.strictObject({ build: shortText }), result: snapshot, retry: 'later', deadlineMs: 10_000 },
  snapshot: { args: nothing, result: snapshot, retry: 'later', deadlineMs: 10_000 },
  signIn: {
    args: v.strictObject({ email: shortText, password: v.pipe(v.string(), v.maxLength(1024)) }),
    result: v.null(),
    retry: 'later',
    deadlineMs: 15_000,
  },
  signOut: { args: nothing, result: v.null(), retry: 'later', deadlineMs: 10_000 },
  execute: {
    args: v.strictObject({
      action: v.string(),
      params: anything,
      key: v.unknown(),
      sources: v.optional(v.unknown()),
      reason: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
      capability: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
    }),
    result: v.looseObject({ receipt, idempotent: v.boolean() }),
    retry: 'later',
    deadlineMs: LIMITS.callDeadlineMs,
  },
  lookup: { args: byKey, result: v.nullable(receipt), retry: 'later', deadlineMs: 10_000 },
  cancel: { args: byKey, result: v.boolean(), retry: 'later', deadlineMs: 10_000 },
  retry: { args: byKey, result: v.null(), retry: 'later', deadlineMs: 10_000 },
  discard: { args: byKey, result: v.null(), retry: 'later', deadlineMs: 10_000 },
  decide: {
    args: v.strictObject({ id: hex, digest: hex, verdict: v.picklist(['approve', 'deny']) }),
    result: v.null(),
    retry: 'later',
    deadlineMs: 10_000,
  },
  agent: {
    args: v.strictObject({ name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/)) }),
    result: v.string(),
    retry: 'later',
    deadlineMs: 10_000,
  },
  pageEffect: {
    args: v.strictObject({
      id: hex,
      attempt: v.number(),
      outcome: v.variant('ok', [v.object({ ok: v.literal(true), value: v.unknown() }), v.object({ ok: v.literal(false), message: shortText })]),
    }),
    result: v.null(),
    retry: 'later',
    deadlineMs: 10_000,
  },
  audit: {
    args: v.strictObject({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)) }),
    result: v.array(v.looseObject({ seq: v.number(), hash: hex })),
    retry: 'later',
    deadlineMs: 10_000,
  },
  verifyAudit: { args: nothing, result: v.looseObject({ intact: v.boolean(), entries: v.number() }), retry: 'later', deadlineMs: 60_000 },
  health: { args: nothing, result: v.looseObject({ status: v.string(), maestro_enabled: v.boolean() }), retry: 'later', deadlineMs: 10_000 },
  refreshGate: { args: nothing, result: v.null(), retry: 'later', deadlineMs: 10_000 },
  wake: { args: v.strictObject({ network: v.optional(v.boolean()) }), result: v.null(), retry: 'later', deadlineMs: 10_000 },
} as const

export type CommandName = keyof typeof COMMANDS
export type CommandArgs<N extends CommandName> = v.InferOutput<(typeof COMMANDS)[N]['args']>

export const isCommand = (name: unknown): name is CommandName => typeof name === 'string' && Object.hasOwn(COMMANDS, name)
