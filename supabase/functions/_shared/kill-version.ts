import type postgres from 'postgres'
import { inRole } from './in-role.ts'
import { LIMITS } from './limits.ts'

/** The version of the kill document in force, for the header of every answer. */
export type KillVersion = {
  /** At most half a second old; the last one known while the database is away, 0 before any is known. Never throws. */
  read(): Promise<number>
  /** Tells a version just read or written, so that the next answer carries it. */
  note(version: number): void
}

export const createKillVersion = (sql: postgres.Sql, now: () => number = Date.now): KillVersion => {
  let known = 0
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | null = null

  const refresh = async (): Promise<void> => {
    const [rows] = await inRole(sql, { role: 'anon' }, (tx) => [
      tx`select coalesce(max(version), 0)::int8 as version from public.maestro_kill_documents`,
    ])
    known = Math.max(known, Number(rows?.[0]?.['version'] ?? 0))
  }

  return {
    async read() {
      if (now() - readAt < LIMITS.killVersionMs) return known
      reading ??= refresh()
        .catch(() => undefined)
        .finally(() => {
          readAt = now()
          reading = null
        })
      await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, LIMITS.killVersionMs))])
      return known
    },
    note(version) {
      known = Math.max(known, version)
      readAt = now()
    },
  }
}
