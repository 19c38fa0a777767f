import { Hono } from 'hono'
import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import { bearer } from '../_shared/bearer.ts'
import { inRole } from '../_shared/in-role.ts'
import { createKept } from '../_shared/kept.ts'
import type { Kept } from '../_shared/kept.ts'
import { LIMITS } from '../_shared/limits.ts'
import { pageOf, readReceiptQuery, receiptPage } from '../_shared/receipt-page.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { sameSecret } from '../_shared/same-secret.ts'
import type { Signals } from './signals.ts'
import { verifyChain } from './verify-chain.ts'

type Deps = {
  readonly sql: postgres.Sql
  /** The operator's secret; null when none is set, and then nobody reads. */
  readonly adminToken: string | null
  readonly version: string
  /** Signs the head of a chain that is handed over; without it nobody does. */
  readonly signingKey: SigningKey | null
  readonly signals: Kept<Signals>
  /** Milliseconds counts over whole tables are given again. */
  readonly countsKeepMs: number
}

const GUIDE_TABLES = ['maestro_execution_receipts', 'maestro_sync_store', 'maestro_audit_logs']
/** What the second half of the state is read from. */
const STATE_READS = [
  'maestro_recorded_migrations',
  'maestro_execution_receipts',
  'maestro_kill_documents',
  'maestro_audit_logs',
  'maestro_audit_heads',
] as const
/** That half where it cannot be read: nothing known, which is not the same as nothing there. */
const UNREADABLE = { migrations: null, receipts: null, kill_documents: null, audit_last_hour: null, tenants: null } as const
/** Where a chain was verified through: both or neither. */
const FromSchema = v.pipe(
  v.object({
    after: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/), v.transform(Number))),
    hash: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  }),
  v.transform(({ after, hash }) => ({ after: after ?? 0, hash: hash ?? null })),
  v.check(({ after, hash }) => (after === 0) === (hash === null), 'after and hash belong together'),
)
const PageNumberSchema = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)), '0')

const wrong = (parameter: string): Response => refuse(400, 'QUERY_INVALID', `The parameter "${parameter}" is missing or wrong.`)

/**
 * What an operator reads, with the operator's token only: names, states and digests of all tenants, never parameters or results, which the
 * server could not open anyway. Nothing here changes anything; the probe rolls itself back.
 */
export const operatorRoutes = ({ sql, adminToken, version, signingKey, signals, countsKeepMs }: Deps): Hono => {
  const app = new Hono()
  const ask = async (statement: (tx: postgres.Sql) => postgres.PendingQuery<postgres.Row[]>): Promise<readonly postgres.Row[]> => {
    const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [statement(tx)])
    return rows ?? []
  }

  /** Read over whole tables, so not at each look. */
  const counts = createKept(async () => {
    const [row] = await ask(
      (tx) => tx`select pg_size_pretty(pg_database_size(current_database())) as size,
        (select jsonb_object_agg(state, n) from (select state, count(*) as n from public.maestro_execution_receipts group by state) s) as receipts`,
    )
    return row
  }, countsKeepMs)

  app.use('*', async ({ req: { raw } }, next) => {
    const token = bearer(raw)
    if (token === null) return refuse(401, 'UNAUTHENTICATED', 'The operator’s token is needed.', { 'www-authenticate': 'Bearer' })
    if (adminToken === null || !(await sameSecret(token, adminToken))) return refuse(403, 'FORBIDDEN', 'This is not the operator’s token.')
    return next()
  })

  app.get('/state', async () => {
    const [stands] = await ask(
      (tx) => tx`select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time,
        (select jsonb_object_agg(t.name, jsonb_build_object('there', to_regclass('public.' || t.name) is not null,
          'inert', coalesce(obj_description(to_regclass('public.' || t.name), 'pg_class') like 'INERT:%', false)))
          from unnest(${GUIDE_TABLES}::text[]) as t(name)) as tables,
        to_regproc('public.maestro_claim_receipt') is not null as claim_function,
        (select coalesce(jsonb_agg(name order by name), '[]') from (
          select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
          union select proname from pg_proc where pronamespace = 'public'::regnamespace) n where name like 'maestro\\_%') as standing`,
    )
    const standing = stands?.['standing'] as readonly string[]
    // Only where all that it names stands: PostgreSQL looks names up before it decides anything, and one that is missing fails the statement.
    if (!STATE_READS.every((name) => standing.includes(name))) return answer(200, { version, ...stands, ...UNREADABLE })
    const [held] = await ask(
      (tx) => tx`select to_jsonb(public.maestro_recorded_migrations()) as migrations,
        (select jsonb_agg(jsonb_build_object('version', version, 'action', action, 'issued', issued, 'reason', reason, 'incident', incident) order by version desc)
          from (select * from public.maestro_kill_documents order by version desc limit 50) k) as kill_documents,
        (select count(*)::int from public.maestro_audit_logs where created_at > clock_timestamp() - interval '1 hour') as audit_last_hour,
        (select coalesce(jsonb_agg(tenant_id order by tenant_id), '[]') from public.maestro_audit_heads) as tenants`,
    )
    return answer(200, { version, ...stands, ...held, ...(await counts.read()) })
  })

  app.get('/signals', async () => answer(200, await signals.read()))

  app.get('/devices', async () => {
    const items = await ask(
      (
        tx,
      ) => tx`select r.tenant_id, r.principal_id, r.device_id, r.crypto_initialized, r.blocked_operations, r.man_mode_escalations, r.sync_success_rate,
          r.updated_at, q.waiting, q.awaiting_approval
        from public.maestro_device_reports r left join public.maestro_device_queues q using (tenant_id, principal_id, device_id)
        where r.day = (clock_timestamp() at time zone 'utc')::date order by r.updated_at desc limit ${LIMITS.pageMax}`,
    )
    return answer(200, { items })
  })

  app.get('/receipts', async (context) => {
    const query = readReceiptQuery((key) => context.req.query(key))
    if ('wrong' in query) return wrong(query.wrong)
    const stuckS = context.req.query('stuck') === undefined ? null : LIMITS.stuckS
    return answer(200, pageOf(await ask((tx) => receiptPage(tx, { ...query, stuckS })), query.limit))
  })

  app.get('/receipts/:key', async (context) => {
    const items = await ask(
      (tx) => tx`select r.tenant_id, r.principal_id, r.idempotency_key, r.trace_id, r.action, r.lane, r.state, r.fence::int as fence, r.device_id,
          r.params_digest, r.created_at, r.completed_at, r.lease_until, r.begun_elsewhere, char_length(r.result) as result_characters,
          public.maestro_audit_of(r.tenant_id, r.principal_id, r.idempotency_key) as audit
        from public.maestro_execution_receipts r where r.idempotency_key = ${context.req.param('key')} order by r.created_at limit ${LIMITS.pageMax}`,
    )
    return items.length === 0 ? refuse(404, 'RECEIPT_UNKNOWN', 'No receipt has this key.') : answer(200, { items })
  })

  app.get('/audit', async (context) => {
    const tenant = context.req.query('tenant')
    const after = v.safeParse(PageNumberSchema, context.req.query('after'))
    const last = v.safeParse(v.optional(v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number))), context.req.query('last'))
    if (tenant === undefined || tenant === '') return wrong('tenant')
    if (!after.success) return wrong('after')
    if (!last.success) return wrong('last')
    const items = await ask(
      (tx) => tx`select jsonb_build_object('seq', seq, 'tenant_id', tenant_id, 'principal_id', principal_id, 'kind', kind,
            'fence', fence, 'state', state, 'created_at', to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'prev_hash', encode(prev_hash, 'hex'), 'hash', encode(hash, 'hex'))
            || case when keys is null then jsonb_build_object('idempotency_key', idempotency_key, 'trace_id', trace_id, 'action', action,
              'params_digest', params_digest, 'result_digest', result_digest)
            else jsonb_build_object('keys', keys, 'traces', traces, 'actions', actions, 'digests', digests) end as entry
          from public.maestro_audit_logs,
            (select greatest(${after.output}, (select h.seq from public.maestro_audit_heads h where h.tenant_id = ${tenant}) - ${last.output ?? null}::int)
              as place) f
          where tenant_id = ${tenant} and seq > f.place and seq < ${LIMITS.pageMax}
            + (select min(n.seq) from public.maestro_audit_logs n where n.tenant_id = ${tenant} and n.seq > f.place)
          order by seq limit ${LIMITS.pageMax}`,
    )
    const [head] = await ask(
      (tx) => tx`select seq::int as seq, encode(hash, 'hex') as hash from public.maestro_audit_heads where tenant_id = ${tenant}`,
    )
    const claims = head === undefined ? null : { tenant, seq: head['seq'] as number, hash: head['hash'] as string, at: new Date().toISOString() }
    const statement = claims === null || signingKey === null ? null : await signingKey.sign('maestro-audit-head+jws', claims)
    return answer(200, { items: items.map(({ entry }) => entry), head: head ?? null, statement })
  })

  app.get('/audit/verify', async (context) => {
    const tenant = context.req.query('tenant')
    if (tenant === undefined || tenant === '') return wrong('tenant')
    const from = v.safeParse(FromSchema, { after: context.req.query('after'), hash: context.req.query('hash') })
    return from.success ? answer(200, await verifyChain(sql, tenant, from.output)) : wrong('after')
  })

  app.post('/probe', async () => {
    const [row] = await ask((tx) => tx`select public.maestro_probe_claims() as verdict`)
    return answer(200, row?.['verdict'])
  })

  return app
}
