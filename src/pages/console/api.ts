export type Told<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

const LATE_MS = 8_000

const tell = async <T>(path: string, init: RequestInit = {}): Promise<Told<T>> => {
  try {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(LATE_MS) })
    const body = (await response.json()) as T & { readonly message?: string }
    return response.ok ? { ok: true, value: body } : { ok: false, message: body.message ?? `status ${response.status}` }
  } catch {
    return { ok: false, message: 'the console’s own host does not answer; is its process still running?' }
  }
}

/** Reads from the console's host. Never rejects. */
export const read = <T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<Told<T>> =>
  tell<T>(`${path}?${new URLSearchParams(query)}`)

/** Asks the host to stop; it cannot resume. */
export const stop = (action: string, reason: string, confirm: string): Promise<Told<{ readonly version: number }>> =>
  tell('/api/stop', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ action, reason, confirm }) })
