import type postgres from 'postgres'
import { refuse } from '../_shared/answer.ts'
import { LIMITS } from '../_shared/limits.ts'
import { covers } from './covers.ts'
import { publish, readTerms } from './kill-document.ts'
import { readResume } from './kill-keys.ts'
import type { KillKeys } from './kill-keys.ts'
import type { FlipSchema } from './terms.ts'
import type { InferOutput } from 'valibot'

type Flip = InferOutput<typeof FlipSchema>

const busy = (): Response => refuse(409, 'VERSION_TAKEN', 'Other operators flip at this moment; look, and try again.', { 'retry-after': '1' })

/** With the keys held here: the stop key where that is enough, else the resume key, which only a local stack holds. Null: done. */
export const flipHere = async (sql: postgres.Sql, keys: KillKeys, flip: Flip): Promise<Response | null> => {
  for (let tries = 0; tries < LIMITS.killTriesMax; tries += 1) {
    const { version, terms } = await readTerms(sql)
    const isStop = (flip.action !== 'run' || flip.raise !== undefined) && covers(flip, terms)
    if (!isStop && keys.stop !== null && keys.resume === null)
      return refuse(403, 'RESUME_NEEDED', 'This loosens what is in force: it takes a document signed with the resume key.')
    if (await publish(sql, { version: version + 1, flip, signer: isStop ? 'stop' : 'resume', document: null })) return null
  }
  return busy()
}

/** The operator's own document, signed where the resume key is. Null: done. */
export const flipSigned = async (sql: postgres.Sql, keys: KillKeys, document: string): Promise<Response | null> => {
  if (keys.resumePublic === null) return refuse(403, 'RESUME_KEY_UNKNOWN', 'This server was not told the public resume key.')
  const claims = await readResume(document, keys.resumePublic)
  if (claims === null) return refuse(400, 'DOCUMENT_INVALID', 'This is no kill document of the resume key.')
  if (Date.parse(claims.expires) <= Date.now()) return refuse(400, 'DOCUMENT_EXPIRED', 'This document has expired.')
  const { version } = await readTerms(sql)
  if (claims.version <= version) return refuse(409, 'VERSION_OLD', `Version ${version} is in force; sign one above it.`)
  const { version: next, issued: _, expires: __, ...flip } = claims
  return (await publish(sql, { version: next, flip, signer: 'resume', document })) ? null : busy()
}
