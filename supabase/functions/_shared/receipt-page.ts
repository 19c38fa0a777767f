import type postgres from 'postgres'
import * as v from 'valibot'
import { LIMITS } from './limits.ts'

const StateSchema = v.picklist(['claimed', 'done', 'dead', 'denied', 'expired', 'cancelled', 'refused'])
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(255))
const CursorSchema = v.strictTuple([v.pipe(v.string(), v.isoTimestamp()), name, name, name])

export type ReceiptQuery = {
  readonly tenant: string | null
  readonly state: v.InferOutput<typeof StateSchema> | null
  /** Only receipts whose lease ended this many seconds ago or more and that never ended themselves. */
  readonly stuckS: number | null
  readonly limit: number
  readonly after: v.InferOutput<typeof CursorSchema> | null
}

const parseCursor = (text: string): unknown => {
  try {
    return JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))),
    )
  } catch {
    return undefined
  }
}

const cursorOf = (row: Readonly<Record<string, unknown>>): string =>
  btoa(
    String.fromCharCode(
      ...new TextEncoder().encode(JSON.stringify([row['created_at'], row['tenant_id'], row['principal_id'], row['idempotency_key']])),
    ),
  )
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

/** What a list's query string asks for, or the name of its first wrong parameter. `stuckS` is the caller's to set. */
export const readReceiptQuery = (query: (key: string) => string | undefined): ReceiptQuery | { readonly wrong: 'status' | 'limit' | 'cursor' } => {
  const state = v.safeParse(v.optional(StateSchema), query('status'))
  if (!state.success) return { wrong: 'status' }
  const limit = v.safeParse(
    v.optional(v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number), v.minValue(1), v.maxValue(LIMITS.pageMax)), '50'),
    query('limit'),
  )
  if (!limit.success) return { wrong: 'limit' }
  const cursor = query('cursor')
  const after = v.safeParse(v.nullable(CursorSchema), cursor === undefined ? null : parseCursor(cursor))
  if (!after.success) return { wrong: 'cursor' }
  return { tenant: query('tenant') ?? null, state: state.output ?? null, stuckS: null, limit: limit.output, after: after.output }
}

/** The statement of one page, newest first; one row more than asked tells whether another page follows. Row level security applies as the role has it. */
export const receiptPage = (tx: postgres.Sql, { tenant, state, stuckS, limit, after }: ReceiptQuery): postgres.PendingQuery<postgres.Row[]> => {
  const [at, tenantAt, principalAt, keyAt] = after ?? [null, null, null, null]
  return tx`select tenant_id, principal_id, idempotency_key, trace_id, action, lane, state, fence::int as fence, device_id,
      to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
      to_char(completed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as completed_at,
      to_char(lease_until at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as lease_until
    from public.maestro_execution_receipts
    where (${tenant}::text is null or tenant_id = ${tenant}) and (${state}::text is null or state = ${state})
      and (${stuckS}::int is null or (state = 'claimed' and lease_until < clock_timestamp() - make_interval(secs => ${stuckS})))
      and (${at}::text is null or (created_at, tenant_id, principal_id, idempotency_key) < (${at}::text::timestamptz, ${tenantAt}, ${principalAt}, ${keyAt}))
    order by created_at desc, tenant_id desc, principal_id desc, idempotency_key desc limit ${limit + 1}`
}

/** The rows of one page and the cursor of the next, null on the last. */
export const pageOf = (rows: readonly postgres.Row[], limit: number): { readonly items: readonly postgres.Row[]; readonly cursor: string | null } => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
