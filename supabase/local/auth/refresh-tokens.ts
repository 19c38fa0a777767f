import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type postgres from 'postgres'

/** Seconds in which a used token may be used again: its answer may have been lost on the way. */
const REUSE_S = 30

export type RefreshTokens = {
  /** A first token for a user who has just signed in. */
  issue(user: string): Promise<string>
  /** Spends a token for the next one. Null when it is unknown, or was spent long ago: then its whole family ends, for one of the two holders stole it. */
  rotate(token: string): Promise<{ readonly user: string; readonly next: string } | null>
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Rotating refresh tokens, stored as digests, so that a worker's session outlives a restart of the stack. */
export const createRefreshTokens = (sql: postgres.Sql): RefreshTokens => {
  const insert = async (db: postgres.ISql, user: string, family: string): Promise<string> => {
    const token = randomBytes(32).toString('base64url')
    await db`insert into auth.maestro_refresh_tokens (digest, user_id, family) values (${digestOf(token)}, ${user}, ${family})`
    return token
  }
  return {
    issue: async (user) => insert(sql, user, randomUUID()),
    rotate: async (token) =>
      sql.begin(async (tx) => {
        const digest = digestOf(token)
        const [row] = await tx<{ user_id: string; family: string; spent: boolean }[]>`
          select user_id, family, coalesce(used_at < clock_timestamp() - make_interval(secs => ${REUSE_S}), false) as spent
          from auth.maestro_refresh_tokens where digest = ${digest} for update`
        if (row === undefined) return null
        if (row.spent) {
          await tx`delete from auth.maestro_refresh_tokens where family = ${row.family}`
          return null
        }
        await tx`update auth.maestro_refresh_tokens set used_at = coalesce(used_at, clock_timestamp()) where digest = ${digest}`
        return { user: row.user_id, next: await insert(tx, row.user_id, row.family) }
      }),
  }
}
