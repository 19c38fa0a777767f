import type { CeremonyCode } from '../protocol/webauthn.ts'

/** Why a request is not carried out. Codes are public and never change meaning; the sentence is for a log, not for a decision. */
export type RefusalCode =
  /** No token came along. */
  | 'RECEIPT_MISSING'
  /** Not a token of ours: form, encoding, fields. */
  | 'RECEIPT_MALFORMED'
  /** A statement of another kind, or not signed by the device it names. */
  | 'RECEIPT_FORGED'
  | 'CERTIFICATE_MALFORMED'
  /** Not signed by a key of the server. */
  | 'CERTIFICATE_FORGED'
  | 'CERTIFICATE_EXPIRED'
  /** Of another person or device than the receipt. */
  | 'CERTIFICATE_MISMATCH'
  /** Another person's request than the receipt's. */
  | 'CALLER_MISMATCH'
  | 'ACTION_MISMATCH'
  | 'KEY_MISMATCH'
  | 'PARAMS_MISMATCH'
  /** The parts of the call are not the ones its digest names. */
  | 'CALL_MISMATCH'
  | 'ORIGIN_REFUSED'
  | 'POLICY_REFUSED'
  | 'AGENT_REFUSED'
  | 'LANE_BLOCKED'
  /** From a future that no clock's error explains. */
  | 'NOT_YET'
  | 'EXPIRED'
  | 'APPROVAL_MISSING'
  /** By somebody else, or at a time when there was nothing to approve. */
  | 'APPROVAL_INVALID'
  | 'VERIFICATION_MISSING'
  | CeremonyCode
  /** The passkey is not certified for this person and this host. */
  | 'PASSKEY_REFUSED'
  | 'ASSERTION_FORGED'
  /** This call was used for another request before. */
  | 'REPLAYED'
  /** What was used before cannot be looked up; nothing may run. */
  | 'REPLAY_STORE_FAILED'

export type Refusal = { readonly code: RefusalCode; readonly message: string }

export const refusal = (code: RefusalCode, message: string): { readonly ok: false; readonly error: Refusal } => ({
  ok: false,
  error: { code, message },
})
