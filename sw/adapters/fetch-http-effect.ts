import type { Json, JsonObject } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { HttpEffect, HttpOutcome } from '../ports/http-effect.ts'
import { answersByKey } from './answers-by-key.ts'
import { readJson, retryAfter, waitOf } from './read-json.ts'
import { request } from './request.ts'

const outcomeOf = (status: number, body: Json | undefined, wait: { readonly waitMs?: number }): HttpOutcome =>
  status === 204
    ? { kind: 'answer', status, body: null, ...wait }
    : body === undefined
      ? { kind: 'unreadable', status, ...wait }
      : { kind: 'answer', status, body, ...wait }

async function exchange(url: string, options: Parameters<typeof request>[2], bytesMax: number, key?: string): Promise<HttpOutcome> {
  try {
    const response = await request(url, LIMITS.effectTimeoutMs, { redirect: 'manual', ...options })
    // A back end that echoes the key says whose answer this is; a cache's or proxy's mix-up is then no receipt.
    const echoed = response.headers.get('idempotency-key')
    const isOthers = echoed !== null && key !== undefined && echoed !== key
    return outcomeOf(response.status, isOthers ? undefined : await readJson(response, bytesMax), retryAfter(response))
  } catch {
    return { kind: 'lost' }
  }
}

/** One element of a batch's answer; `undefined` when it names no status, which is no answer. */
const elementOf = ({ status, body, retry_after_s }: JsonObject): HttpOutcome | undefined =>
  Number.isInteger(status) ? outcomeOf(status as number, body, waitOf(retry_after_s)) : undefined

/** Attempts by `fetch`. */
export const createFetchHttpEffect = (): HttpEffect => ({
  send({ method, url, key, params, token, proof }) {
    const encoded = encodeURIComponent(key)
    return exchange(
      url,
      { method, body: params, token, headers: { 'idempotency-key': encoded, ...(proof !== undefined && { 'maestro-receipt': proof }) } },
      LIMITS.answerBytesMax,
      encoded,
    )
  },

  async sendBatch({ url, items, token }) {
    const outcome = await exchange(url, { body: items, token }, LIMITS.answerBytesMax * items.length)
    if (outcome.kind !== 'answer' || outcome.status < 200 || outcome.status > 299) return outcome
    // A success that is no list of answers must not be taken for the success of every item.
    if (outcome.status !== 200 || !Array.isArray(outcome.body)) return { kind: 'unreadable', status: outcome.status }
    const answers = answersByKey(outcome.body, 'key')
    return {
      kind: 'answers',
      byKey: new Map(
        items.flatMap(({ key }): [string, HttpOutcome][] => {
          const answer = answers.get(key)
          const element = answer && elementOf(answer)
          return element ? [[key, element]] : []
        }),
      ),
    }
  },
})
