import type postgres from 'postgres'
import { answer, refuse } from '../_shared/answer.ts'
import type { Caller } from '../_shared/caller.ts'
import { inRole } from '../_shared/in-role.ts'
import { pageOf, readReceiptQuery, receiptPage } from '../_shared/receipt-page.ts'

const RUNNING = new Set(['run', 'readonly', 'drain'])

/**
 * The caller's own executions, newest first: `{items, cursor}`. `status`, `limit` (1…500, 50 unless told) and `cursor` narrow and page it;
 * 400 names a wrong one. 503 while the kill document stops everything: then nobody should build on what this says.
 */
export const listRuns = async (sql: postgres.Sql, caller: Caller, query: (key: string) => string | undefined): Promise<Response> => {
  const asked = readReceiptQuery(query)
  if ('wrong' in asked) return refuse(400, 'QUERY_INVALID', `The parameter "${asked.wrong}" is wrong.`)
  const [kill, rows] = await inRole(sql, { role: 'authenticated', caller }, (tx) => [
    tx`select action from public.maestro_kill_documents order by version desc limit 1`,
    receiptPage(tx, { ...asked, tenant: caller.tenant }),
  ])
  if (!RUNNING.has(String(kill?.[0]?.['action'] ?? 'run'))) return refuse(503, 'DISABLED', 'MAESTRO is stopped by its kill document.')
  return answer(200, pageOf(rows ?? [], asked.limit))
}
