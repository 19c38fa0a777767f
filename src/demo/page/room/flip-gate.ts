export type Flip = { readonly ok: true; readonly version: number } | { readonly ok: false; readonly reason: string }

/** Asks the server for a new kill document. `bearer` is the operator's token; it is only sent, never kept. */
export const flipGate = async (action: 'kill' | 'run', bearer: string): Promise<Flip> => {
  try {
    const answer = await fetch('/functions/v1/maestro-flag', {
      method: 'PUT',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ action, reason: 'flipped in the control room' }),
    })
    const body: unknown = await answer.json()
    const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : null
    if (answer.ok && typeof version === 'number') return { ok: true, version }
    return {
      ok: false,
      reason: answer.status === 401 || answer.status === 403 ? 'The token was not accepted.' : `The server answered ${answer.status}.`,
    }
  } catch {
    return { ok: false, reason: 'The server cannot be reached.' }
  }
}
