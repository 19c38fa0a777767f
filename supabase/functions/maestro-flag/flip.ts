import type postgres from 'postgres'
import { answer, refuse } from '../_shared/answer.ts'
import { LIMITS } from '../_shared/limits.ts'
import { covers } from './covers.ts'
import { publish, readDocument, readTerms } from './kill-document.ts'
import type { InForce } from './kill-document.ts'
import { readResume } from './kill-keys.ts'
import type { KillKeys } from './kill-keys.ts'
import { signedLength } from './signed-length.ts'
import type { FlipSchema } from './terms.ts'
import type { InferOutput } from 'valibot'

type Flip = InferOutput<typeof FlipSchema>

const busy = (): Response => refuse(409, 'VERSION_TAKEN', 'Other operators flip at this moment; look, and try again.', { 'retry-after': '1' })

/** With the document that is in the way, for whoever decides again. */
const conflict = async (sql: postgres.Sql, code: 'VERSION_TAKEN' | 'NOT_STRICTER', says: string): Promise<Response> => {
  const inForce = await readDocument(sql)
  return answer(409, { code, message: `${says} Version ${inForce.version} is in force.`, in_force: inForce })
}

/** A refusal, or null when this may replace what is in force. `first` is the version that the first try would have replaced. */
const refusedOver = async (sql: postgres.Sql, flip: Flip, { version, terms }: InForce, first: number): Promise<Response | null> => {
  if (covers(flip, terms)) return null
  if (flip.stricter === true) return conflict(sql, 'NOT_STRICTER', 'This would let something run again that is held now, and was not asked to.')
  return version === (flip.over ?? first) ? null : conflict(sql, 'VERSION_TAKEN', 'Another document came first, and this would loosen it.')
}

/**
 * With the keys held here: the stop key where that is enough, else the resume key, which only a local stack holds. The version that it became.
 * Repeated while others flip as long as it is at least as strict as what they said; what loosens is decided on one version only.
 */
export const flipHere = async (sql: postgres.Sql, keys: KillKeys, flip: Flip): Promise<Response | number> => {
  let first: number | null = null
  for (let tries = 0; tries < LIMITS.killTriesMax; tries += 1) {
    const inForce = await readTerms(sql)
    first ??= inForce.version
    const refused = await refusedOver(sql, flip, inForce, first)
    if (refused !== null) return refused
    const isStop = (flip.action !== 'run' || flip.raise !== undefined) && covers(flip, inForce.terms)
    if (!isStop && keys.stop !== null && keys.resume === null)
      return refuse(403, 'RESUME_NEEDED', 'This loosens what is in force: it takes a document signed with the resume key.')
    const version = inForce.version + 1
    if (signedLength(version, flip) > LIMITS.killDocumentBytesMax)
      return refuse(413, 'DOCUMENT_TOO_LARGE', 'Signed, this is longer than 4,096 characters, and no device takes it: name fewer, or say less.')
    if (await publish(sql, { version, flip, signer: isStop ? 'stop' : 'resume', document: null })) return version
  }
  return busy()
}

/** The operator's own document, signed where the resume key is. The version that it became. */
export const flipSigned = async (sql: postgres.Sql, keys: KillKeys, document: string): Promise<Response | number> => {
  if (keys.resumePublic === null) return refuse(403, 'RESUME_KEY_UNKNOWN', 'This server was not told the public resume key.')
  const claims = await readResume(document, keys.resumePublic)
  if (claims === null) return refuse(400, 'DOCUMENT_INVALID', 'This is no kill document of the resume key.')
  if (Date.parse(claims.expires) <= Date.now()) return refuse(400, 'DOCUMENT_EXPIRED', 'This document has expired.')
  const { version } = await readTerms(sql)
  if (claims.version <= version) return refuse(409, 'VERSION_OLD', `Version ${version} is in force; sign one above it.`)
  const { version: next, issued: _, expires: __, ...flip } = claims
  return (await publish(sql, { version: next, flip, signer: 'resume', document })) ? next : busy()
}
