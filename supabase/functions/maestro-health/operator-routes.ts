import { Hono } from 'hono'
import type postgres from 'postgres'
import * as v from 'valibot'
import { answer, refuse } from '../_shared/answer.ts'
import { bearer } from '../_shared/bearer.ts'
import { inRole } from '../_shared/in-role.ts'
import { LIMITS } from '../_shared/limits.ts'
import { pageOf, readReceiptQuery, receiptPage } from '../_shared/receipt-page.ts'
import type { SigningKey } from '../_shared/signing-key.ts'
import { sameSecret } from '../_shared/same-secret.ts'
import { readSignals } from './signals.ts'

type Deps = {
  readonly sql: postgres.Sql
  /** The operator's secret; null when none is set, and then nobody reads. */
  readonly adminToken: string | null
  readonly version: string
  /** Signs the head of a chain that is handed over; without it nobody does. */
  readonly signingKey: SigningKey | null
}

const GUIDE_TABLES = ['maestro_execution_receipts', 'maestro_sync_store', 'maestro_audit_logs']
const PageNumberSchema = v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)), '0')

const wrong = (parameter: string): Response => refuse(400, 'QUERY_INVALID', `The parameter "${parameter}" is missing or wrong.`)

/**
 * What an operator reads, with the operator's token only: names, states and digests of all tenants, never parameters or results, which the
 * server could not open anyway. Nothing here changes anything; the probe rolls itself back.
 */
export const operatorRoutes = ({ sql, adminToken, version, signingKey }: Deps): Hono => {
  const app = new Hono()
  const ask = async (statement: (tx: postgres.Sql) => postgres.PendingQuery<postgres.Row[]>): Promise<readonly postgres.Row[]> => {
    const [rows] = await inRole(sql, { role: 'service_role' }, (tx) => [statement(tx)])
    return rows ?? []
  }

  app.use('*', async ({ req: { raw } }, next) => {
    const token = bearer(raw)
    if (token === null) return refuse(401, 'UNAUTHENTICATED', 'The operator’s token is needed.', { 'www-authenticate': 'Bearer' })
    if (adminToken === null || !(await sameSecret(token, adminToken))) return refuse(403, 'FORBIDDEN', 'This is not the operator’s token.')
    return next()
  })

  app.get('/state', async () => {
    const [row] = await ask(
      (tx) => tx`select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as time,
        (select jsonb_object_agg(t.name, jsonb_build_object('there', to_regclass('public.' || t.name) is not null,
          'inert', coalesce(obj_description(to_regclass('public.' || t.name), 'pg_class') like 'INERT:%', false)))
          from unnest(${GUIDE_TABLES}::text[]) as t(name)) as tables,
        to_regproc('public.maestro_claim_receipt') is not null as claim_function,
        case when to_regproc('public.maestro_recorded_migrations') is not null then to_jsonb(public.maestro_recorded_migrations()) end as migrations,
        (select jsonb_object_agg(state, n) from (select state, count(*) as n from public.maestro_execution_receipts group by state) s) as receipts,
        (select jsonb_agg(jsonb_build_object('version', version, 'action', action, 'issued', issued, 'reason', reason, 'incident', incident) order by version desc)
          from (select * from public.maestro_kill_documents order by version desc limit 50) k) as kill_documents,
        (select count(*)::int from public.maestro_audit_logs where created_at > clock_timestamp() - interval '1 hour') as audit_last_hour,
        (select coalesce(jsonb_agg(tenant_id order by tenant_id), '[]') from public.maestro_audit_heads) as tenants,
        pg_size_pretty(pg_database_size(current_database())) as size`,
    )
    return answer(200, { version, ...row })
  })

  app.get('/signals', async () => answer(200, await readSignals(sql)))

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
          (select coalesce(jsonb_agg(jsonb_build_object('seq', l.seq, 'kind', l.kind, 'state', l.state, 'fence', l.fence, 'trace_id', l.trace_id,
            'at', l.created_at, 'hash', encode(l.hash, 'hex')) order by l.seq), '[]') from public.maestro_audit_logs l
            where l.tenant_id = r.tenant_id and l.principal_id = r.principal_id and l.idempotency_key = r.idempotency_key) as audit
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
      (
        tx,
      ) => tx`select * from (select seq::int8 as n, jsonb_build_object('seq', seq, 'tenant_id', tenant_id, 'principal_id', principal_id, 'kind', kind,
            'idempotency_key', idempotency_key, 'trace_id', trace_id, 'action', action, 'params_digest', params_digest, 'fence', fence, 'state', state,
            'result_digest', result_digest, 'created_at', to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'prev_hash', encode(prev_hash, 'hex'), 'hash', encode(hash, 'hex')) as entry
          from public.maestro_audit_logs where tenant_id = ${tenant}
            and seq > greatest(${after.output}, case when ${last.output ?? null}::int is null then 0
              else (select h.seq from public.maestro_audit_heads h where h.tenant_id = ${tenant}) - ${last.output ?? null}::int end)
          order by seq limit ${LIMITS.pageMax}) page order by n`,
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
    const [row] = await ask((tx) => tx`select public.maestro_verify_audit(${tenant}) as verdict`)
    return answer(200, row?.['verdict'])
  })

  app.post('/probe', async () => {
    const [row] = await ask((tx) => tx`select public.maestro_probe_claims() as verdict`)
    return answer(200, row?.['verdict'])
  })

  return app
}
