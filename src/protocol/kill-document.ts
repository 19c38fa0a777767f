/**
 * The kill document: a compact JWS (RFC 7515) with Ed25519, at most 4 KB, by one of two pinned keys. Header and claims are JSON exactly as
 * `JSON.stringify` writes it, so that no name stands twice and every bit of the text counts.
 */
import * as v from './schema.ts'

/** What the JWS header's `typ` says, so that no other statement of a key passes for one. */
export const KILL_TYP = 'maestro-kill+jws'
/** A device's statement that it put a document in force. */
export const KILL_APPLIED_TYP = 'maestro-kill-applied+jws'

/** Whom one document can name. */
const SCOPES_MAX = 16

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const release = v.pipe(v.string(), v.regex(/^\d{1,6}(\.\d{1,6}){0,2}$/))
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/))
const whole = (min: number, max: number) =>
  v.pipe(
    v.number(),
    v.check((value) => Number.isSafeInteger(value) && value >= min && value <= max),
  )

const ScopeSchema = v.strictObject({
  tenant: v.optional(text(128)),
  /** An action, or the beginning of some: `email.*`. */
  action: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{0,127}[\w*.-]$/))),
  /** An agent by name; `*` is any agent, and no person. */
  agent: v.optional(v.pipe(v.string(), v.regex(/^([a-z][a-z0-9-]{0,63}|\*)$/))),
  /** Builds from `min` to `max`, both included. */
  release: v.optional(v.strictObject({ min: v.optional(release), max: v.optional(release) })),
})

export const KillClaimsSchema = v.strictObject({
  /** Only rises. */
  version: whole(1, Number.MAX_SAFE_INTEGER),
  issued: time,
  /** Bounds acceptance, and `run`; a stop that was accepted never lapses. */
  expires: time,
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  /** Whom it is for: anybody who fits one of these; everybody when absent. */
  scopes: v.optional(v.pipe(v.array(ScopeSchema), v.minLength(1), v.maxLength(SCOPES_MAX))),
  /** New intents of whomever it is for are in no lane below this one. */
  raise: v.optional(v.picklist(['YELLOW', 'RED', 'BLOCKED'])),
  /** Of everybody only so many percent are on, always the same people for one salt. */
  rollout: v.optional(v.strictObject({ percent: whole(0, 100), salt: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) })),
  reason: v.optional(text(500)),
  incident: v.optional(text(128)),
})

export const KillHeaderSchema = v.strictObject({ alg: v.literal('EdDSA'), kid: v.string(), typ: v.literal(KILL_TYP) })

export type KillClaims = v.InferOutput<typeof KillClaimsSchema>
export type KillScope = v.InferOutput<typeof ScopeSchema>
