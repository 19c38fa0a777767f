import * as v from 'valibot'
import { LIMITS } from '../_shared/limits.ts'

export const ACTIONS = ['run', 'readonly', 'drain', 'kill', 'safe-worker'] as const

const noControl = v.check((text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'control character or lone surrogate')
const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max), noControl)
const release = v.pipe(v.string(), v.regex(/^\d{1,6}(\.\d{1,6}){0,2}$/))
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/))

/** Whom a document is for: who fits every part that is named. `action` may end in `*`; an agent `*` is any agent. */
const ScopeSchema = v.strictObject({
  tenant: v.optional(text(128)),
  action: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{0,127}[\w*.-]$/))),
  agent: v.optional(v.pipe(v.string(), v.regex(/^([a-z][a-z0-9-]{0,63}|\*)$/))),
  release: v.optional(v.strictObject({ min: v.optional(release), max: v.optional(release) })),
})

const TERMS = {
  action: v.picklist(ACTIONS),
  scopes: v.optional(v.pipe(v.array(ScopeSchema), v.minLength(1), v.maxLength(LIMITS.killScopesMax))),
  /** No lane is below this one for whomever the document is for. */
  raise: v.optional(v.picklist(['YELLOW', 'RED', 'BLOCKED'])),
  /** `run` for so many percent of the people, chosen by the salt; the others stay off. */
  rollout: v.optional(
    v.strictObject({ percent: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), salt: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) }),
  ),
}

const WHY = { reason: v.optional(text(500)), incident: v.optional(text(128)) }

/** What an operator asks the server to say, by the operator's token. */
export const FlipSchema = v.strictObject({
  ...TERMS,
  ...WHY,
  /** Refuse it unless it is at least as strict as what is in force then. */
  stricter: v.optional(v.literal(true)),
  /** The version that the operator saw: where it loosens, it replaces no other one. */
  over: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
})

/** What is signed. */
export const ClaimsSchema = v.strictObject({
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  issued: time,
  expires: time,
  ...TERMS,
  ...WHY,
})

export const TermsSchema = v.strictObject(TERMS)

export type Claims = v.InferOutput<typeof ClaimsSchema>
export type Terms = v.InferOutput<typeof TermsSchema>
export type Scope = v.InferOutput<typeof ScopeSchema>
export type Why = { readonly reason?: string | undefined; readonly incident?: string | undefined }

/** Only what is there: a name with nothing behind it would be signed as something. */
export const defined = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T

/** What is signed, in its order. */
export const claimsOf = (
  when: Pick<Claims, 'version' | 'issued' | 'expires'>,
  { action, scopes, raise, rollout, reason, incident }: Terms & Why,
): Claims => defined({ ...when, action, scopes, raise, rollout, reason, incident })
