import type { OutboxSource } from './source.ts'
import { LOST } from './told.ts'
import { WINDOW_MAX } from './feed.ts'

/** Takes every exported item back, in order. Resolves with how many, and with the first reason why one was not. */
export const takeBack = async (source: OutboxSource): Promise<{ readonly taken: number; readonly wrong: string | null }> => {
  let taken = 0
  let wrong: string | null = null
  let after: number | undefined
  try {
    do {
      const { items, next } = await source.outbox(after === undefined ? { limit: WINDOW_MAX } : { after, limit: WINDOW_MAX })
      for (const { key, waitingFor } of items) {
        if (waitingFor !== 'export') continue
        const failure = await source.retry(key)
        if (failure === null) taken += 1
        else wrong ??= failure.message
      }
      after = next ?? undefined
    } while (after !== undefined)
  } catch {
    wrong ??= LOST
  }
  return { taken, wrong }
}
