/**
 * The signed document in force on this device, by TUF's rules.
 *
 * S1 A lower version is refused for ever; the same version with other words, too. An expired one is not accepted, an accepted stop never lapses.
 * S2 The stop key only makes things stricter than what is held; the resume key may loosen, and alone says `run`.
 * S3 What is stricter holds at once; what loosens holds when it is stored.
 */
import { err, ok, type Result } from '../../src/base/result.ts'
import type { KillClaims } from '../../src/protocol/kill-document.ts'
import { covers } from './killswitch-covers.ts'
import type { SignedKill } from './killswitch-read.ts'

export type Refusal = 'old' | 'forked' | 'expired' | 'loosens without the resume key'

/** A document and, by this device's clock, when it came and when it was in force. */
export type HeldKill = SignedKill & { readonly received: number; readonly effective: number }

/** Leave to run is prolonged on disk at most this often, as in the gate. One hour. */
const PROLONG_MS = 3_600_000

const words = (claims: KillClaims): string => JSON.stringify({ ...claims, issued: '', expires: '' })

const isStrict = ({ action }: KillClaims): boolean => action !== 'run'

/** Whether it may take the place of what is held. */
export function judgeOffer(offered: SignedKill, held: SignedKill | null, now: number): Result<'newer' | 'prolongs' | 'known', Refusal> {
  const { claims, signer } = offered
  if (held && claims.version < held.claims.version) return err('old')
  if (held && claims.version === held.claims.version) {
    if (words(claims) !== words(held.claims) || signer !== held.signer) return err('forked')
    const isLonger = Date.parse(claims.expires) - Date.parse(held.claims.expires) > PROLONG_MS && Date.parse(claims.expires) > now
    return ok(isLonger && claims.action === 'run' ? 'prolongs' : 'known')
  }
  if (Date.parse(claims.expires) <= now) return err('expired')
  if (signer === 'resume') return ok('newer')
  const isStop = isStrict(claims) || (held !== null && claims.raise !== undefined)
  return isStop && (held === null || covers(claims, held.claims)) ? ok('newer') : err('loosens without the resume key')
}

/** Whether it holds before it is stored: a stop does also where the disk is full. */
export const holdsAtOnce = (offered: SignedKill, held: SignedKill | null): boolean =>
  held ? covers(offered.claims, held.claims) : isStrict(offered.claims) || offered.claims.raise !== undefined
