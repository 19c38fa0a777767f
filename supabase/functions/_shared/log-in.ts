import type { Caller, VerifyToken } from './caller.ts'
import { LIMITS } from './limits.ts'
import { Unavailable } from './unavailable.ts'

type Options = { readonly url: string; readonly apikey: string; readonly verify: VerifyToken; readonly fetch?: typeof fetch }

/** Statuses by which an auth server says nothing of the credentials: it is throttling, failing, or not there. */
const isSilent = (status: number): boolean => status >= 500 || status === 429 || status === 408 || status === 404

/**
 * Asks the project's auth server whom credentials name; null when it refuses them. Throws `Unavailable` when it does not answer in time or cannot
 * say: wrong credentials are told apart from no answer, or a person would be told that their password is wrong.
 */
export const createLogIn =
  ({ url, apikey, verify, fetch: send = fetch }: Options) =>
  async (email: string, password: string): Promise<Caller | null> => {
    const headers = { 'content-type': 'application/json', apikey }
    const signal = AbortSignal.timeout(LIMITS.authMs)
    let session: unknown
    try {
      const said = await send(url, { method: 'POST', headers, body: JSON.stringify({ email, password }), signal })
      if (isSilent(said.status)) throw new Error(`the auth server answered ${said.status}`)
      if (!said.ok) return null
      session = await said.json()
    } catch (error) {
      throw new Unavailable(error)
    }
    const token = typeof session === 'object' && session !== null && 'access_token' in session ? session.access_token : null
    return typeof token === 'string' ? verify(token) : null
  }
