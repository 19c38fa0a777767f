import { KILL_TYP } from './kill-keys.ts'
import { claimsOf } from './terms.ts'
import type { Terms, Why } from './terms.ts'

/** Characters of a key's thumbprint, and of an Ed25519 signature, in base64url. */
const KID = 43
const SIGNATURE = 86

const base64urlLength = (value: unknown): number => Math.ceil((new TextEncoder().encode(JSON.stringify(value)).length * 4) / 3)

/** Characters of the compact JWS that this version will be, whichever key signs it: times are always equally long. */
export const signedLength = (version: number, said: Terms & Why): number => {
  const time = new Date(0).toISOString()
  const header = { alg: 'EdDSA', kid: 'k'.repeat(KID), typ: KILL_TYP }
  return base64urlLength(header) + 1 + base64urlLength(claimsOf({ version, issued: time, expires: time }, said)) + 1 + SIGNATURE
}
