import * as v from './schema.ts'

/** What a caller may do next. Decisions are made on this, never on message text (law 11). */
export const RETRY_CLASSES = ['never', 'later', 'after-auth', 'after-approval', 'ask-ledger'] as const
export type RetryClass = (typeof RETRY_CLASSES)[number]

/** Every failure code that can cross a boundary, with its retry class. Codes are public and never change meaning. */
export const FAILURES = {
  ACTION_UNKNOWN: 'never',
  PARAMS_INVALID: 'never',
  PARAMS_TOO_LARGE: 'never',
  PARAMS_NOT_JSON: 'never',
  KEY_INVALID: 'never',
  KEY_REUSED: 'never',
  SOURCES_INVALID: 'never',
  POLICY_BLOCKED: 'never',
  OFFLINE_REFUSED: 'later',
  OUTBOX_FULL: 'later',
  STORAGE_FAILED: 'later',
  CRYPTO_FAILED: 'later',
  DISABLED: 'later',
  AGENT_STOPPED: 'later',
  GATE_READONLY: 'later',
  GATE_DRAINING: 'later',
  DENIED: 'never',
  EXPIRED: 'never',
  CANCELLED: 'never',
  APPROVAL_GONE: 'never',
  APPROVAL_CHANGED: 'after-approval',
  NOT_CANCELLABLE: 'never',
  RECEIPT_UNKNOWN: 'never',
  SIGNED_OUT: 'after-auth',
  AUTH_FAILED: 'after-auth',
  AGENT_INVALID: 'never',
  PROTOCOL_MISMATCH: 'later',
  COMMAND_UNKNOWN: 'never',
  COMMAND_INVALID: 'never',
  WORKER_UNREACHABLE: 'later',
  WORKER_FAULT: 'later',
  EFFECT_REJECTED: 'never',
  EFFECT_UNREADABLE: 'later',
  EFFECT_UNAVAILABLE: 'later',
  EFFECT_EXHAUSTED: 'never',
  OUTCOME_UNKNOWN: 'ask-ledger',
  CLAIMED_ELSEWHERE: 'ask-ledger',
  RECORD_UNREADABLE: 'never',
  NOT_REPLACEABLE: 'never',
  CAPSULE_UNREADABLE: 'never',
  MODEL_REFUSED: 'never',
  MODEL_UNAVAILABLE: 'later',
  INFERENCE_FAILED: 'never',
  VERIFICATION_NEEDED: 'after-approval',
  VERIFICATION_FAILED: 'after-approval',
  PASSKEY_REFUSED: 'never',
  SUPERSEDED: 'never',
} as const satisfies Record<string, RetryClass>

export type FailureCode = keyof typeof FAILURES

export const FailureSchema = v.object({
  // Not `picklist`, which writes all of them into a text at every start.
  code: v.custom<FailureCode>((code) => typeof code === 'string' && Object.hasOwn(FAILURES, code)),
  retry: v.custom<RetryClass>((retry) => Object.values<unknown>(FAILURES).includes(retry)),
  field: v.optional(v.string()),
  message: v.string(),
})

/** Failure as data: a stable code, what may be done about it, and a sentence for a person. */
export type Failure = {
  readonly code: FailureCode
  readonly retry: RetryClass
  readonly field?: string | undefined
  readonly message: string
}

export const failure = (code: FailureCode, message: string, field?: string): Failure =>
  field === undefined ? { code, retry: FAILURES[code], message } : { code, retry: FAILURES[code], field, message }
