/** No library: the app's own fetches, six at a time or in one batch. Nothing is stored. */
import { INTENT } from '../pages/intent.ts'

/** What browsers allow one host over HTTP/1.1. */
const PARALLEL = 6

const post = (url: string, headers: Record<string, string>, body: unknown): Promise<unknown> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }).then((answer) =>
    answer.json(),
  )

const keys = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

const raw = {
  async parallel(prefix: string, count: number, lane: string): Promise<void> {
    const queue = keys(prefix, count)
    const work = async (): Promise<void> => {
      for (let key = queue.shift(); key !== undefined; key = queue.shift())
        await post(`/api/far/${lane}`, { 'idempotency-key': encodeURIComponent(key) }, INTENT)
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
  },
  async batch(prefix: string, count: number, lane: string): Promise<void> {
    await post(
      `/api/far/${lane}/batch`,
      {},
      keys(prefix, count).map((key) => ({ key, params: INTENT })),
    )
  },
}

Object.assign(globalThis, { raw, queue: null })
