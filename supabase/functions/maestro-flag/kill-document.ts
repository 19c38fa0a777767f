import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'

const RowSchema = v.object({
  version: v.pipe(v.union([v.number(), v.string(), v.bigint()]), v.transform(Number), v.safeInteger()),
  issued: v.date(),
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  reason: v.nullable(v.string()),
  incident: v.nullable(v.string()),
  now: v.date(),
})

/** What clients fetch; times are RFC 3339, `expires` counts from the moment of fetching. */
export type KillDocument = {
  readonly version: number
  readonly issued: string
  readonly expires: string
  readonly action: v.InferOutput<typeof RowSchema>['action']
  readonly reason?: string
  readonly incident?: string
}

type Flip = { readonly action: KillDocument['action']; readonly reason?: string | undefined; readonly incident?: string | undefined }

const newest = (tx: postgres.Sql) =>
  tx`select version, issued, action, reason, incident, clock_timestamp() as now from public.maestro_kill_documents order by version desc limit 1`

const documentOf = (rows: postgres.RowList<postgres.Row[]> | undefined): KillDocument => {
  const { version, issued, action, reason, incident, now } = v.parse(RowSchema, rows?.[0])
  return {
    version,
    issued: issued.toISOString(),
    expires: new Date(now.getTime() + LIMITS.killLifetimeS * 1000).toISOString(),
    action,
    ...(reason === null ? {} : { reason }),
    ...(incident === null ? {} : { incident }),
  }
}

/** The newest kill document. Throws when there is none: the migrations make the first. */
export const readDocument = async (sql: postgres.Sql): Promise<KillDocument> => {
  const answers = await inRole(sql, { role: 'anon' }, (tx) => [newest(tx)])
  return documentOf(answers[0])
}

/** Puts the next version in force and gives the newest document. */
export const publish = async (sql: postgres.Sql, flip: Flip): Promise<KillDocument> => {
  const answers = await inRole(sql, { role: 'service_role' }, (tx) => [
    tx`select public.maestro_publish_kill(${flip.action}, ${flip.reason ?? null}, ${flip.incident ?? null})`,
    newest(tx),
  ])
  return documentOf(answers[1])
}
