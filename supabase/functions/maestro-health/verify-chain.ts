import type postgres from 'postgres'
import * as v from 'valibot'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'

const PartSchema = v.object({
  intact: v.boolean(),
  entries: v.number(),
  first_seq: v.nullable(v.number()),
  broken_at: v.nullable(v.number()),
  through: v.number(),
  hash: v.nullable(v.string()),
  complete: v.boolean(),
})

/** What was found of a chain so far. Only of a whole one it is known whether it is `intact`: null until it is complete. */
type Verdict = Omit<v.InferOutput<typeof PartSchema>, 'intact'> & { readonly intact: boolean | null }

type Options = { readonly partMax?: number; readonly ms?: number; readonly now?: () => number }

/**
 * Recomputes a tenant's chain part by part from a place that was verified before, for as long as one request may take. Where it is not `complete`,
 * ask again `after` its `through` with its `hash`; `entries` and `first_seq` are of this request alone.
 */
export const verifyChain = async (
  sql: postgres.Sql,
  tenant: string,
  from: { readonly after: number; readonly hash: string | null },
  { partMax = LIMITS.auditPartMax, ms = LIMITS.auditVerifyMs, now = Date.now }: Options = {},
): Promise<Verdict> => {
  const began = now()
  let entries = 0
  let first: number | null = null
  for (let at = from; ;) {
    const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [
      tx`select public.maestro_verify_audit_part(${tenant}, ${String(at.after)}::bigint, ${at.hash}, ${partMax}) as part`,
    ])
    const part = v.parse(PartSchema, rows?.[0]?.['part'])
    entries += part.entries
    first ??= part.first_seq
    if (part.complete || now() - began >= ms) return { ...part, intact: part.complete ? part.intact : null, entries, first_seq: first }
    at = { after: part.through, hash: part.hash }
  }
}
