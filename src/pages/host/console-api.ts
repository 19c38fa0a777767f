import * as v from 'valibot'
import type { Json } from '../../base/json.ts'
import { answer, refuse } from '../../demo/host/answer.ts'
import { readJsonText } from '../../demo/host/read-json-text.ts'
import type { createSeries } from './series.ts'
import type { Picture, Watched } from './watched.ts'

const StopSchema = v.strictObject({
  action: v.picklist(['kill', 'readonly', 'drain', 'safe-worker']),
  reason: v.pipe(v.string(), v.trim(), v.minLength(3), v.maxLength(500)),
  /** Typed by a person, letter by letter. */
  confirm: v.literal('STOP'),
})

type Deps = { readonly watched: Watched; readonly series: ReturnType<typeof createSeries>; readonly newest: () => Promise<Picture> }

/** Which of the operator's routes the page may read, and with which questions. */
const READS: Readonly<Record<string, readonly string[]>> = {
  '/api/receipts': ['status', 'cursor', 'limit', 'stuck', 'tenant'],
  '/api/audit': ['tenant', 'after', 'last'],
  '/api/audit/verify': ['tenant', 'after', 'hash'],
}

/** What was read is JSON already. */
const told = (body: unknown): Response => answer(200, body as Json)

/** A page of another origin can send requests here too; none of its kind is answered. */
const isOwn = (request: Request): boolean => {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null && site !== 'same-origin') return false
  return request.method === 'GET' || request.headers.get('origin') === new URL(request.url).origin
}

/** The console's own routes; `null` for anything else. */
export const consoleApi =
  ({ watched, series, newest }: Deps): ((request: Request) => Promise<Response | null>) =>
  async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (!pathname.startsWith('/api/')) return null
    if (!isOwn(request)) return refuse(403, 'ORIGIN_REFUSED', 'Only the console itself may ask.')
    if (pathname === '/api/stop') {
      if (request.method !== 'POST') return refuse(405, 'METHOD_REFUSED', 'This address takes POST.', { allow: 'POST' })
      const asked = v.safeParse(StopSchema, readJsonText(await request.text()))
      if (!asked.success) return refuse(400, 'STOP_INVALID', `${v.getDotPath(asked.issues[0]) ?? 'The request'} is missing or wrong.`)
      const stopped = await watched.stop(asked.output.action, asked.output.reason)
      return stopped.ok ? told(stopped.value) : refuse(stopped.code === 'NOT_STRICTER' ? 409 : 502, stopped.code, stopped.message)
    }
    if (request.method !== 'GET') return refuse(405, 'METHOD_REFUSED', 'This address is read only.', { allow: 'GET' })
    if (pathname === '/api/now') return told({ ...(await newest()), points: series.points() })
    const names = READS[pathname] ?? (pathname.startsWith('/api/receipts/') ? [] : null)
    if (names === null) return refuse(404, 'NOT_FOUND', 'There is nothing at this address.')
    const query = new URLSearchParams([...searchParams].filter(([name]) => names.includes(name)))
    const read = await watched.read(`/maestro-health/ops${pathname.slice('/api'.length)}?${query}`)
    if (read.ok) return told(read.value)
    return refuse(read.code === 'RECEIPT_UNKNOWN' ? 404 : 502, read.code, read.message)
  }
