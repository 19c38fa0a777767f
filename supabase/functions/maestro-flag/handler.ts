import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import { bearer } from '../_shared/bearer.ts'
import { createApp } from '../_shared/create-app.ts'
import type { Handler } from '../_shared/create-app.ts'
import { inRole } from '../_shared/in-role.ts'
import type { KillVersion } from '../_shared/kill-version.ts'
import { LIMITS } from '../_shared/limits.ts'
import { readJson } from '../_shared/read-json.ts'
import { sameSecret } from '../_shared/same-secret.ts'
import { AckSchema, takeAck } from './ack.ts'
import { createAckBrake } from './ack-brake.ts'
import { OBEYED } from './covers.ts'
import { flipHere, flipSigned } from './flip.ts'
import { readDocument } from './kill-document.ts'
import { createKillFeed } from './kill-feed.ts'
import { NO_KEYS } from './kill-keys.ts'
import type { KillKeys } from './kill-keys.ts'
import { streamDocuments } from './stream.ts'
import { FlipSchema } from './terms.ts'

const PutSchema = v.union([v.strictObject({ document: v.pipe(v.string(), v.maxLength(LIMITS.killDocumentBytesMax)) }), FlipSchema])

type Deps = {
  readonly sql: postgres.Sql
  /** The operator's secret; null when none is set, and then nobody can flip. */
  readonly adminToken: string | null
  readonly killVersion: KillVersion
  /** Without keys documents are unsigned, and a worker that pins keys refuses them. */
  readonly killKeys?: KillKeys
  readonly log: (line: string) => void
}

/** Ends its streams and its listener in the database. */
export type MaestroFlag = Handler & { close(): Promise<void> }

/** The kill document in force, for everybody; a new one, for the operator's token; who has proven it. */
export const createMaestroFlag = (deps: Deps): MaestroFlag => {
  const { sql, killVersion, killKeys: keys = NO_KEYS } = deps
  const app = createApp({ name: 'maestro-flag', killVersion, log: deps.log })
  const brake = createAckBrake()

  const read = async () => {
    const document = await readDocument(sql, keys)
    killVersion.note(document.version)
    return document
  }
  const feed = createKillFeed(sql, read)

  /** A refusal, or null for the operator. */
  const refusedTo = async (request: Request): Promise<Response | null> => {
    const token = bearer(request)
    if (token === null) return refuse(401, 'UNAUTHENTICATED', 'The operator’s token is needed.', { 'www-authenticate': 'Bearer' })
    return deps.adminToken === null || !(await sameSecret(token, deps.adminToken))
      ? refuse(403, 'FORBIDDEN', 'This is not the operator’s token.')
      : null
  }

  app.get('/', async () => answer(200, await read()))

  app.get('/stream', ({ req: { raw } }) => streamDocuments(raw, feed))

  app.put('/', async ({ req: { raw } }) => {
    const refused = await refusedTo(raw)
    if (refused !== null) return refused
    const asked = await readJson(raw, PutSchema, LIMITS.flagBytesMax)
    if (asked instanceof Response) return asked
    const done = await ('document' in asked ? flipSigned(sql, keys, asked.document) : flipHere(sql, keys, asked))
    if (done instanceof Response) return done
    killVersion.note(done)
    // Their own, whoever came after: what they do next is decided on it.
    return answer(200, await readDocument(sql, keys, done))
  })

  app.post('/ack', async ({ req: { raw } }) => {
    const asked = await readJson(raw, AckSchema, LIMITS.flagBytesMax)
    return asked instanceof Response ? asked : takeAck(sql, brake, asked.ack)
  })

  app.get('/coverage', async ({ req: { raw } }) => {
    const refused = await refusedTo(raw)
    if (refused !== null) return refused
    const asked = Number(new URL(raw.url).searchParams.get('within_s') ?? LIMITS.killSeenS)
    if (!Number.isSafeInteger(asked) || asked < 1 || asked > 31 * 86_400)
      return refuse(400, 'QUERY_INVALID', 'within_s is a number of seconds, a month at most.')
    const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
      tx`select public.maestro_kill_coverage(${asked}, ${LIMITS.killUnprovenMax}, ${JSON.stringify(OBEYED)}::text::jsonb) as coverage`,
    ])
    return answer(200, { ...(rows?.[0]?.['coverage'] as object), within_s: asked })
  })

  return { fetch: async (request) => app.fetch(request), close: () => feed.close() }
}
