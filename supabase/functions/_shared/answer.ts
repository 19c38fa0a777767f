const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** A JSON answer; nothing of ours may be cached. */
export const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...headers } })

/** A refusal: a stable code to decide on, a sentence for a person. */
export const refuse = (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Response =>
  answer(status, { code, message }, headers)
