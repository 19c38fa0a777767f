/** Whether a person proved who they are, for exactly one call: a WebAuthn assertion whose challenge is the call's digest (law 6). */
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as v from '../../src/protocol/schema.ts'
import { AssertionSchema, readAssertion } from '../../src/protocol/webauthn.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { Signatures } from '../ports/signatures.ts'
import type { KeptPasskeys } from './passkeys-kept.ts'

/** What the receipt keeps, and a back end is shown. */
export const EvidenceSchema = v.strictObject({ ...AssertionSchema.entries, certificate: v.string() })

const refused = (why: string): Result<never, Failure> => err(failure('VERIFICATION_FAILED', why))

/** `at`: when the certificate of the passkey must have held, epoch ms. */
export async function takeEvidence(
  { kept, signatures, rp }: { readonly kept: KeptPasskeys; readonly signatures: Signatures; readonly rp: string },
  record: ReceiptRecord,
  evidence: unknown,
  at: number,
): Promise<Result<Json, Failure>> {
  if (evidence === undefined || evidence === null) return err(failure('VERIFICATION_NEEDED', 'this needs the person to prove who they are'))
  const given = v.safeParse(AssertionSchema, evidence)
  if (!given.success) return refused('this is not an assertion')
  const assertion = given.output
  const principal = ownerPrincipal(record)
  await kept.load(principal)
  const passkey = kept.known(principal).find(({ id }) => id === assertion.credential)
  if (!passkey || passkey.rp !== rp || at > passkey.expires) return refused('this passkey is not known here')
  const read = readAssertion(assertion, passkey.alg, { challenge: record.digest, origin: record.call.origin, rp })
  if ('fault' in read) return refused(`this proves something else (${read.fault})`)
  if (!(await signatures.isByPasskey(passkey, read.signed, read.signature))) return refused('the passkey did not sign this')
  return ok({ ...assertion, certificate: passkey.certificate })
}
