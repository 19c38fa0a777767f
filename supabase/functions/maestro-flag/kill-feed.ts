import type postgres from 'postgres'
import { LIMITS } from '../_shared/limits.ts'
import type { KillDocument } from './kill-document.ts'

type KillFollower = { tell(document: KillDocument): void; over(): void }

/** Tells the newest document to every stream of this process: one listener in the database and one read for all. */
export type KillFeed = {
  /** `tell` is called with every new document, and with ones that are known; `over` when the server stops. Gives the way to stop, or null when too many follow. */
  follow(follower: KillFollower): (() => void) | null
  /** Ends every follower and lets the database go. */
  close(): Promise<void>
}

/** By the database's notifications; where a pooler passes none on, and where one is lost, by looking every two seconds. */
export const createKillFeed = (sql: postgres.Sql, read: () => Promise<KillDocument>): KillFeed => {
  const followers = new Set<KillFollower>()
  let timer: ReturnType<typeof setInterval> | null = null
  let listening: Promise<(() => Promise<void>) | null> | null = null
  let isReading = false
  let isDue = false

  /** A notification during a read is followed by another one: what was read may have been from before it. */
  const look = async (): Promise<void> => {
    isDue = true
    if (isReading) return
    isReading = true
    while (isDue) {
      isDue = false
      const document = await read().catch(() => null)
      if (document !== null) for (const follower of followers) follower.tell(document)
    }
    isReading = false
  }

  const begin = (): void => {
    timer ??= setInterval(() => void look(), LIMITS.killLookMs)
    listening ??= sql
      .listen(
        'maestro_kill',
        () => void look(),
        () => void look(),
      )
      .then(({ unlisten }) => unlisten)
      .catch(() => null)
    void look()
  }

  const end = async (): Promise<void> => {
    if (timer !== null) clearInterval(timer)
    timer = null
    const stop = await listening
    if (followers.size > 0) return begin()
    listening = null
    await stop?.().catch(() => undefined)
  }

  return {
    follow(follower) {
      if (followers.size >= LIMITS.killStreamsMax) return null
      followers.add(follower)
      begin()
      return () => {
        if (followers.delete(follower) && followers.size === 0) void end()
      }
    },
    async close() {
      for (const follower of followers) follower.over()
      followers.clear()
      await end()
    },
  }
}
