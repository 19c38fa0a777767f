/**
 * A request as every adapter makes it: past the HTTP cache, bounded in time, following nothing. A token is attached at send
 * time and stored with nothing.
 *
 * @throws when nobody answered in time, or a redirect did.
 */
export const request = (
  url: string,
  timeoutMs: number,
  options: {
    readonly method?: string
    readonly body?: unknown
    readonly token?: string | null
    readonly headers?: Readonly<Record<string, string>>
    readonly redirect?: 'manual'
  } = {},
): Promise<Response> =>
  fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: {
      accept: 'application/json',
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    // No body gives no text, and so none.
    body: JSON.stringify(options.body),
    cache: 'no-store',
    redirect: options.redirect ?? 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
