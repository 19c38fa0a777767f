import type { Json } from '../../base/json.ts'

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const

/** A JSON answer that nobody may store. */
export const answer = (status: number, body: Json, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...headers } })

/** A failure as the host tells it: a stable code and a sentence. */
export const refuse = (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Response =>
  answer(status, { code, message }, headers)
