import { err, ok, type Result } from '../base/result.ts'
import { chain, type AuditEntry, type ChainHead } from './entry.ts'
import { readProof, receiptOf, type Proof } from './proof.ts'
import { verifySignedHead, type HeadFault, type IsByKey, type ProvenHead, type ServerKey } from './signed-head.ts'

export type ProofFault = HeadFault | 'PROOF_MALFORMED' | 'CHAIN_BROKEN' | 'ACTION_ABSENT'

/** What a proof proves: these things happened to the action, in this order, and nobody changed it since `seen`. */
export type Proven = {
  readonly tenant: string
  readonly principal: string
  readonly device: string
  readonly key: string
  /** The action's own entries, oldest first; `at` is the device's clock. */
  readonly facts: readonly Pick<AuditEntry, 'seq' | 'at' | 'kind' | 'digest'>[]
  /** The signed head, and when the server saw it, by its clock. */
  readonly head: ChainHead
  readonly seen: number
  /** The name of the server's key. */
  readonly signer: string
}

const SENTENCES: Readonly<Record<ProofFault, string>> = {
  PROOF_MALFORMED: 'this is no proof, or it was cut or edited',
  CHAIN_BROKEN: 'its entries do not lead to the signed head: one was changed, cut, moved or put in',
  ACTION_ABSENT: 'none of its entries at the beginning is of this action',
  HEAD_MALFORMED: 'one of its three statements is not of the form it should have',
  SERVER_UNKNOWN: 'it is signed by a server whose key was not given',
  CERTIFICATE_FORGED: 'the server did not sign the certificate of the device',
  CERTIFICATE_OTHER: 'the certificate is of another device, person or tenant',
  CERTIFICATE_ENDED: 'the certificate did not hold when the server saw the head',
  HEAD_FORGED: 'the device did not sign the head',
  COUNTERSIGNATURE_FORGED: 'the server did not counter-sign',
  COUNTERSIGNATURE_OTHER: 'the server counter-signed another head',
}

type Wrong = { readonly code: ProofFault; readonly message: string }

const wrong = (code: ProofFault): Result<never, Wrong> => err({ code, message: SENTENCES[code] })

/** What the entries prove beside a head that is signed. */
function lead({ key, from, entries }: Proof, { tenant, principal, device, seq, hash, seen, kid }: ProvenHead): Result<Proven, Wrong> {
  const receipt = receiptOf(tenant, principal, key)
  const facts: Proven['facts'][number][] = []
  let end: ChainHead = from
  for (const fact of entries) {
    const entry = chain(end, fact)
    if (entry.receipt === receipt) facts.push({ seq: entry.seq, at: entry.at, kind: entry.kind, digest: entry.digest })
    end = { seq: entry.seq, hash: entry.hash }
  }
  if (end.seq !== seq || end.hash !== hash) return wrong('CHAIN_BROKEN')
  if (entries[0]?.receipt !== receipt) return wrong('ACTION_ABSENT')
  return ok({ tenant, principal, device, key, facts, head: { seq, hash }, seen, signer: kid })
}

/**
 * Checks a proof by the server's keys alone: no clock, no network. Signatures are checked by the function given, so that worker, page and command
 * line share this one.
 */
export function verifyProof(bytes: Uint8Array, keys: readonly ServerKey[], isByKey: IsByKey): Promise<Result<Proven, Wrong>> {
  const proof = readProof(bytes)
  if (!proof) return Promise.resolve(wrong('PROOF_MALFORMED'))
  const { head, seen, certificate } = proof
  return verifySignedHead({ head, seen, certificate }, keys, isByKey).then((signed) => (signed.ok ? lead(proof, signed.value) : wrong(signed.error)))
}
