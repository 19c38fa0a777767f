import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import { bearer } from '../_shared/bearer.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { LIMITS } from '../_shared/limits.ts'
import { readJson } from '../_shared/read-json.ts'
import { sameSecret } from '../_shared/same-secret.ts'
import { publish, readDocument } from './kill-document.ts'

const noControl = v.check((text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'control character or lone surrogate')

const FlipSchema = v.strictObject({
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  reason: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(500), noControl)),
  incident: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128), noControl)),
})

type Deps = {
  readonly sql: postgres.Sql
  /** The operator's secret; null when none is set, and then nobody can flip. */
  readonly adminToken: string | null
  readonly killVersion: KillVersion
  readonly log: (line: string) => void
}

/** The kill document in force, for everybody; a new one, for the operator's token. */
export const createMaestroFlag = (deps: Deps): Handler => {
  const app = createApp({ name: 'maestro-flag', killVersion: deps.killVersion, log: deps.log })

  app.get('/', async () => {
    const document = await readDocument(deps.sql)
    deps.killVersion.note(document.version)
    return answer(200, document)
  })

  app.put('/', async ({ req: { raw } }) => {
    const token = bearer(raw)
    if (token === null) return refuse(401, 'UNAUTHENTICATED', 'The operator’s token is needed.', { 'www-authenticate': 'Bearer' })
    if (deps.adminToken === null || !(await sameSecret(token, deps.adminToken))) return refuse(403, 'FORBIDDEN', 'This is not the operator’s token.')
    const flip = await readJson(raw, FlipSchema, LIMITS.flagBytesMax)
    if (flip instanceof Response) return flip
    const document = await publish(deps.sql, flip)
    deps.killVersion.note(document.version)
    return answer(200, document)
  })

  return { fetch: async (request) => app.fetch(request) }
}
