import { KeySchema } from './idempotency-key.ts'
import * as LIMITS from './limits.ts'
import * as v from './schema.ts'

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
/** A whole number from 1 on. */
const upTo = (max: number) =>
  v.pipe(
    v.number(),
    v.check((count) => Number.isInteger(count) && count >= 1 && count <= max, `1 to ${max}`),
  )
const shortText = v.pipe(v.string(), v.maxLength(LIMITS.keyCharsMax))
const nothing = v.strictObject({})
const byKey = v.strictObject({ key: KeySchema })
const anything = v.unknown()

/**
 * The command table, half one: every command a page may send, and what its argument must be. The other half, in
 * `answers.ts`, says what comes back; two files, so that a page does not carry the worker's schemas.
 * Parameters of actions are `unknown` here: admission parses them, with a failure of its own for each way to be wrong.
 */
export const COMMANDS = {
  hello: v.strictObject({ build: shortText }),
  snapshot: nothing,
  signIn: v.strictObject({ email: shortText, password: v.pipe(v.string(), v.maxLength(1024)) }),
  signOut: nothing,
  execute: v.strictObject({
    action: v.string(),
    params: anything,
    key: v.unknown(),
    sources: v.optional(v.unknown()),
    reason: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
    capability: v.optional(v.pipe(v.string(), v.maxLength(2_000))),
    confidence: v.optional(v.number()),
    /** The key of a dead receipt whose place in its sequence this intent takes. */
    replaces: v.optional(KeySchema),
  }),
  outbox: v.strictObject({ after: v.optional(v.number()), limit: upTo(LIMITS.outboxPageMax) }),
  export: v.strictObject({ keys: v.optional(v.pipe(v.array(KeySchema), v.maxLength(LIMITS.outboxMax))) }),
  import: v.strictObject({ capsule: v.pipe(v.string(), v.maxLength(LIMITS.capsuleCharsMax)), code: shortText }),
  lookup: byKey,
  cancel: byKey,
  retry: byKey,
  discard: byKey,
  decide: v.strictObject({ id: hex, digest: hex, verdict: v.picklist(['approve', 'deny']), evidence: v.optional(v.unknown()) }),
  agent: v.strictObject({ name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/)) }),
  pageEffect: v.strictObject({
    id: hex,
    attempt: v.number(),
    outcome: v.strictObject({
      ok: v.boolean(),
      value: v.optional(v.unknown()),
      message: v.optional(shortText),
      declined: v.optional(v.literal(true)),
    }),
  }),
  audit: v.strictObject({ limit: upTo(LIMITS.auditPageMax) }),
  verifyAudit: nothing,
  health: nothing,
  refreshGate: nothing,
  wake: v.strictObject({ network: v.optional(v.boolean()) }),
} as const

export type CommandName = keyof typeof COMMANDS
export type CommandArgs<N extends CommandName> = v.InferOutput<(typeof COMMANDS)[N]>

export const isCommand = (name: unknown): name is CommandName => typeof name === 'string' && Object.hasOwn(COMMANDS, name)
