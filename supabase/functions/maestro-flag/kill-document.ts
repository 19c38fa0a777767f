import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'
import { KILL_TYP, NO_KEYS } from './kill-keys.ts'
import type { KillKeys } from './kill-keys.ts'
import { claimsOf, ClaimsSchema, defined, TermsSchema } from './terms.ts'
import type { Claims, Terms, Why } from './terms.ts'

const RowSchema = v.object({
  version: v.pipe(v.union([v.number(), v.string(), v.bigint()]), v.transform(Number), v.safeInteger()),
  issued: v.date(),
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  reason: v.nullable(v.string()),
  incident: v.nullable(v.string()),
  signer: v.picklist(['stop', 'resume']),
  terms: v.nullable(TermsSchema),
  document: v.nullable(v.string()),
  now: v.date(),
})
type Row = v.InferOutput<typeof RowSchema>

/** What clients fetch; times are RFC 3339. `action` is what holds for everybody, `run` in a document that is for some only. */
export type KillDocument = Omit<Claims, 'action'> & {
  readonly action: Terms['action']
  /** What a document for some only truly says; absent where `action` does. */
  readonly terms?: Terms
  /** The same as a compact JWS; absent where nobody here can sign it. */
  readonly document?: string
  /** The newest one that the resume key signed, for whoever missed it: without it a later stop might seem to loosen an earlier one. */
  readonly resumed?: string
}

const columns = (tx: postgres.Sql) => tx`d.version, d.issued, d.action, d.reason, d.incident, t.terms, t.document, clock_timestamp() as now,
  coalesce(t.signer, case when d.action = 'run' then 'resume' else 'stop' end) as signer`

const newest = (tx: postgres.Sql, version: number | null = null) => tx`
  select ${columns(tx)} from public.maestro_kill_documents d left join public.maestro_kill_terms t using (version)
  where ${version}::bigint is null or d.version = ${version}::bigint order by d.version desc limit 1`

const newestResumed = (tx: postgres.Sql) => tx`
  select ${columns(tx)} from public.maestro_kill_documents d left join public.maestro_kill_terms t using (version)
  where coalesce(t.signer, case when d.action = 'run' then 'resume' else 'stop' end) = 'resume'
  order by d.version desc limit 1`

const termsOf = ({ action, terms }: Pick<Row, 'action' | 'terms'>): Terms => terms ?? { action }

const claimsIn = (row: Row): Claims => {
  const expires = new Date(row.now.getTime() + LIMITS.killLifetimeS * 1000).toISOString()
  const why = { reason: row.reason ?? undefined, incident: row.incident ?? undefined }
  return claimsOf({ version: row.version, issued: row.issued.toISOString(), expires }, { ...termsOf(row), ...why })
}

/** The operator's own text, or ours with the key that may say it. */
const signedBy = async (row: Row, claims: Claims, keys: KillKeys): Promise<string | undefined> =>
  row.document ?? (await (row.signer === 'stop' ? keys.stop : keys.resume)?.sign(KILL_TYP, claims))

/** What an operator's signature says; its own times hold. */
const saidIn = (document: string): Claims => {
  const [, body = ''] = document.split('.')
  const bytes = Uint8Array.from(atob(body.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.codePointAt(0) ?? 0)
  return v.parse(ClaimsSchema, JSON.parse(new TextDecoder().decode(bytes)))
}

const answerOf = async (rows: readonly (postgres.RowList<postgres.Row[]> | undefined)[], keys: KillKeys): Promise<KillDocument> => {
  const row = v.parse(RowSchema, rows[0]?.[0])
  const claims = row.document === null ? claimsIn(row) : saidIn(row.document)
  const resumed = row.signer === 'resume' ? { success: false as const } : v.safeParse(RowSchema, rows[1]?.[0])
  return defined({
    ...claims,
    action: row.action,
    terms: claims.scopes === undefined ? undefined : termsOf(row),
    document: await signedBy(row, claims, keys),
    resumed: resumed.success ? await signedBy(resumed.output, claimsIn(resumed.output), keys) : undefined,
  }) as KillDocument
}

/** The newest kill document, or the one of this version, signed where keys are given. Throws when there is none: the migrations make the first. */
export const readDocument = async (sql: postgres.Sql, keys: KillKeys = NO_KEYS, version: number | null = null): Promise<KillDocument> =>
  answerOf(await inRole(sql, { role: 'anon' }, (tx) => [newest(tx, version), newestResumed(tx)]), keys)

export type InForce = { readonly version: number; readonly terms: Terms }

/** What is in force, as it would be signed. */
export const readTerms = async (sql: postgres.Sql): Promise<InForce> => {
  const [rows] = await inRole(sql, { role: 'anon' }, (tx) => [newest(tx)])
  const row = v.parse(RowSchema, rows?.[0])
  return { version: row.version, terms: termsOf(row) }
}

type Published = { readonly version: number; readonly flip: Terms & Why; readonly signer: 'stop' | 'resume'; readonly document: string | null }

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && (error.code === '23514' || error.code === '23505')

/** Puts this very version in force; false when another one was there first. */
export const publish = async (sql: postgres.Sql, { version, flip, signer, document }: Published): Promise<boolean> => {
  const { reason, incident, action, scopes, raise, rollout } = flip
  const terms = JSON.stringify(defined({ action, scopes, raise, rollout }))
  const forAll = scopes === undefined ? action : 'run'
  try {
    await inRole(sql, { role: 'service_role' }, (tx) => [
      tx`select public.maestro_publish_kill_terms(${version}, ${forAll}, ${reason ?? null}, ${incident ?? null}, ${signer}, ${terms}::text::jsonb, ${document})`,
    ])
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}
