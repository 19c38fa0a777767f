import { ok, type Result } from '../base/result.ts'
import { PASSKEY_TYP, PasskeyCertificateSchema } from '../protocol/receipt-token.ts'
import type { DeviceCertificate, ReceiptToken } from '../protocol/receipt-token.ts'
import { readAssertion } from '../protocol/webauthn.ts'
import { readCertificate } from './certificates.ts'
import type { ServerKeys } from './certificates.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { isSignedByPasskey } from './signatures.ts'

/** Whether the passkey of the receipt's person signed exactly this call, with the person there and verified. */
export async function checkAssertion(
  token: ReceiptToken,
  person: DeviceCertificate,
  assertion: NonNullable<ReceiptToken['assertion']>,
  rp: string,
  server: ServerKeys,
  now: number,
): Promise<Result<null, Refusal>> {
  const certified = await readCertificate(assertion.certificate, { typ: PASSKEY_TYP, schema: PasskeyCertificateSchema }, server, now)
  if (!certified.ok) return certified
  const passkey = certified.value
  if (passkey.tenant !== person.tenant || passkey.principal !== person.principal || passkey.id !== assertion.credential || passkey.rp !== rp)
    return refusal('PASSKEY_REFUSED', 'this passkey is not certified for this person and this host')
  const read = readAssertion(assertion, passkey.alg, { challenge: token.call_digest, origin: token.origin, rp })
  if ('fault' in read) return refusal(read.fault, 'this is not an assertion over this call')
  const isSigned = await isSignedByPasskey(passkey, read.signed, read.signature)
  return isSigned ? ok(null) : refusal('ASSERTION_FORGED', 'the passkey did not sign this')
}
