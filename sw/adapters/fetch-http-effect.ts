import { LIMITS } from '../../src/protocol/limits.ts'
import type { HttpEffect } from '../ports/http-effect.ts'
import { readJson, retryAfterMs } from './read-json.ts'

/** One attempt by `fetch`. The token is attached here, at send time, and never stored with the action. */
export const createFetchHttpEffect = (): HttpEffect => ({
  async send({ method, url, key, params, token }) {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/json',
      'idempotency-key': encodeURIComponent(key),
    }
    if (token !== null) headers['authorization'] = `Bearer ${token}`
    try {
      const response = await fetch(url, {
        method,
        headers,
        body: JSON.stringify(params),
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(LIMITS.effectTimeoutMs),
      })
      const waitMs = retryAfterMs(response, Date.now())
      const wait = waitMs === undefined ? {} : { waitMs }
      if (response.status === 204) return { kind: 'answer', status: 204, body: null, ...wait }
      const body = await readJson(response, LIMITS.answerBytesMax)
      return body === undefined
        ? { kind: 'unreadable', status: response.status, ...wait }
        : { kind: 'answer', status: response.status, body, ...wait }
    } catch {
      return { kind: 'lost' }
    }
  },
})
