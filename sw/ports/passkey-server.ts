import type { Json } from '../../src/base/json.ts'
import type { Result } from '../../src/base/result.ts'

/** The server's public key (Ed25519, raw, base64url) under its name. */
export type ServerKey = { readonly kid: string; readonly x: string }

/** A person's passkeys as the server's certificates, and the keys that these are signed with. */
export type CertifiedPasskeys = { readonly certificates: readonly string[]; readonly keys: readonly ServerKey[] }

/** `refused`: an answer that says no, and will say so again. `unreachable`: no answer, or one that may be another later. */
export type PasskeyFailure = { readonly kind: 'refused' | 'unreachable'; readonly code: string }

/** The server that certifies devices and passkeys. Repeating a call has no further effect. */
export interface PasskeyServer {
  /** A certificate of this device's public key, which signed `proof` that it is this device's, and when it ends (epoch ms by the server's clock). */
  certifyDevice(
    device: string,
    publicKey: string,
    token: string,
    proof: string,
  ): Promise<Result<{ readonly certificate: string; readonly expires: number }, PasskeyFailure>>
  passkeys(token: string): Promise<Result<CertifiedPasskeys, PasskeyFailure>>
  /** Adds one; the body as the page made it. */
  enrol(enrolment: Json, token: string): Promise<Result<CertifiedPasskeys, PasskeyFailure>>
}
