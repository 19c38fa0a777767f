/** A MAESTRO server in memory: claims with fences, completions, one chain head per device, and a person whose token it may refuse. */
import { GENESIS, type ChainHead } from '../../src/audit/entry.ts'
import { err, ok } from '../../src/base/result.ts'
import type { AuthServer, Tokens } from '../../sw/ports/auth-server.ts'
import type { Claim, LedgerWord, ReceiptServer, ServerFailure, SyncRequest } from '../../sw/ports/receipt-server.ts'
import { createServerLedger } from '../../sw/runtime/server-ledger.ts'
import { createSession } from '../../sw/runtime/session.ts'
import type { World } from './memory-ports.ts'

type Row = {
  traceId: string
  action: string
  paramsDigest: string | null
  fence: number
  isBegunElsewhere: boolean
  state: string
  result: string | null
}

export type MemoryServer = {
  readonly rows: Map<string, Row>
  readonly heads: Map<string, ChainHead>
  readonly requests: SyncRequest[]
  /** What another device is granted before the next claim, and never heard of again. */
  readonly begunElsewhere: Set<string>
  /** Told with every answer. */
  killVersion: number
  /** Fails whole requests while set. */
  failure: ServerFailure | null
  /** Refuses every token, fresh ones too. */
  isRefusing: boolean
  now: () => number
  retentionMs: number
  word: LedgerWord | null | undefined
  /** What it will never take, by key and, of a completion, its result. */
  isInvalid: (key: string, result?: string | null) => boolean
}

export const tokensOf = (user: string): Tokens => ({ access: `a-${user}`, refresh: `r-${user}`, expiresAt: 9e15, tenant: 'demo', user })

/** Puts a world behind a server; tests sign in themselves. */
export function withServer(world: World): MemoryServer {
  const server: MemoryServer = {
    rows: new Map(),
    heads: new Map(),
    requests: [],
    begunElsewhere: new Set(),
    killVersion: 0,
    failure: null,
    isRefusing: false,
    now: () => world.now,
    retentionMs: 90 * 86_400_000,
    word: undefined,
    isInvalid: () => false,
  }
  const receipts: ReceiptServer = {
    async sync(request) {
      server.requests.push(request)
      if (server.isRefusing) return err({ kind: 'auth' })
      if (server.failure) return err(server.failure)
      const claims = request.claims.map(({ key, traceId, action, paramsDigest }) => {
        if (server.isInvalid(key)) return err<ServerFailure>({ kind: 'invalid' })
        const there = server.rows.get(key)
        if (there && there.paramsDigest !== paramsDigest) return err<ServerFailure>({ kind: 'key-reused' })
        if (there && there.state !== 'claimed') return ok<Claim>({ kind: 'settled', state: there.state, result: there.result })
        if (there && there.traceId !== traceId) return err<ServerFailure>({ kind: 'in-progress', waitMs: 60_000 })
        const isTakenBetween = server.begunElsewhere.delete(key)
        const isBegunElsewhere = isTakenBetween || there?.isBegunElsewhere === true
        const fence = (there?.fence ?? 0) + (isTakenBetween ? 2 : 1)
        server.rows.set(key, { traceId, action, paramsDigest, fence, isBegunElsewhere, state: 'claimed', result: null })
        return ok<Claim>({ kind: 'claimed', fence, isBegunElsewhere })
      })
      const completions = request.completions.map(({ key, fence, state, result }) => {
        if (server.isInvalid(key, result)) return err<ServerFailure>({ kind: 'invalid' })
        const there = server.rows.get(key)
        if (!there || there.fence !== fence || (there.state !== 'claimed' && there.state !== state)) return err<ServerFailure>({ kind: 'fence' })
        server.rows.set(key, { ...there, state, result })
        return ok(null)
      })
      const head = server.heads.get(request.deviceId) ?? GENESIS
      const fresh = request.audit.filter(({ seq }) => seq > head.seq)
      const isForked = fresh.length > 0 && head.seq > 0 && fresh[0]?.seq !== head.seq + 1
      const last = fresh.at(-1)
      const next = last && !isForked ? { seq: last.seq, hash: last.hash } : head
      server.heads.set(request.deviceId, next)
      return ok({ claims, completions, audit: { ...next, isForked }, retentionMs: server.retentionMs, serverTime: server.now() })
    },
    async lookUp(key) {
      if (server.failure) return err(server.failure)
      if (server.word !== undefined) return ok(server.word)
      const there = server.rows.get(key)
      return ok(there ? { state: there.state, result: there.result, fence: there.fence } : null)
    },
  }
  const auth: AuthServer = {
    password: async (email) => ok(tokensOf(email)),
    refresh: async (token) => (server.isRefusing ? err('refused') : ok(tokensOf(token.slice(2)))),
  }
  const telling = (onKillVersion: (version: number) => void): ReceiptServer => ({
    lookUp: receipts.lookUp,
    sync(request, token) {
      onKillVersion(server.killVersion)
      return receipts.sync(request, token)
    },
  })
  Object.assign(world.ports, { server: { receipts: telling, auth, createLedger: createServerLedger, createSession } })
  world.flag = { version: 1, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'run' }
  return server
}
