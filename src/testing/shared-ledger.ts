/** The shared ledger's rules, as the database keeps them: claims with fences and leases, completions under a fence, one chain head a device. */
import { chain, GENESIS, type AuditEntry, type ChainHead } from '../audit/entry.ts'
import { err, ok, type Result } from '../base/result.ts'
import type { Claim, ClaimItem, CompletionItem, LedgerWord, ServerFailure, SyncAnswer } from '../../sw/ports/receipt-server.ts'
import { EPOCH } from './world.ts'

const LEASE_MS = 60_000
const RETENTION_MS = 90 * 86_400_000

type Kept = {
  action: string
  digest: string | null
  trace: string
  fence: number
  isBegunElsewhere: boolean
  state: string
  result: string | null
  leaseUntil: number
}

export type SharedLedger = {
  claim(owner: string, item: ClaimItem): Result<Claim, ServerFailure>
  complete(owner: string, item: CompletionItem): Result<null, ServerFailure>
  append(owner: string, device: string, entries: readonly AuditEntry[]): SyncAnswer['audit']
  lookUp(owner: string, key: string): LedgerWord | null
  readonly retentionMs: number
  serverTime(): number
}

export function createSharedLedger(now: () => number): SharedLedger {
  const receipts = new Map<string, Kept>()
  const heads = new Map<string, { head: ChainHead; hashes: Map<number, string> }>()
  return {
    retentionMs: RETENTION_MS,
    serverTime: () => EPOCH + now(),
    claim(owner, { key, traceId, action, paramsDigest }) {
      const place = `${owner}|${key}`
      const there = receipts.get(place)
      if (!there) {
        receipts.set(place, {
          action,
          digest: paramsDigest,
          trace: traceId,
          fence: 1,
          isBegunElsewhere: false,
          state: 'claimed',
          result: null,
          leaseUntil: now() + LEASE_MS,
        })
        return ok({ kind: 'claimed', fence: 1, isBegunElsewhere: false })
      }
      if (there.action !== action || there.digest !== paramsDigest) return err({ kind: 'key-reused' })
      if (there.state !== 'claimed') return ok({ kind: 'settled', state: there.state, result: there.result })
      if (there.trace !== traceId && there.leaseUntil > now()) return err({ kind: 'in-progress', waitMs: there.leaseUntil - now() })
      there.fence += 1
      there.isBegunElsewhere ||= there.trace !== traceId
      there.trace = traceId
      there.leaseUntil = now() + LEASE_MS
      return ok({ kind: 'claimed', fence: there.fence, isBegunElsewhere: there.isBegunElsewhere })
    },
    complete(owner, { key, fence, state, result }) {
      const there = receipts.get(`${owner}|${key}`)
      if (!there || there.fence !== fence || (there.state !== 'claimed' && there.state !== state)) return err({ kind: 'fence' })
      if (there.state === 'claimed') Object.assign(there, { state, result })
      return ok(null)
    },
    append(owner, device, entries) {
      const place = `${owner}|${device}`
      let known = heads.get(place)
      for (const entry of entries) {
        const seen = known?.hashes.get(entry.seq)
        if (seen === entry.hash) continue
        const isNext = known ? entry.seq === known.head.seq + 1 && chain(known.head, entry).hash === entry.hash : true
        if (!isNext || seen !== undefined) return { ...(known?.head ?? GENESIS), isForked: true }
        known ??= { head: GENESIS, hashes: new Map() }
        known.head = { seq: entry.seq, hash: entry.hash }
        known.hashes.set(entry.seq, entry.hash)
        heads.set(place, known)
      }
      return { ...(known?.head ?? GENESIS), isForked: false }
    },
    lookUp(owner, key) {
      const there = receipts.get(`${owner}|${key}`)
      return there ? { state: there.state, result: there.result, fence: there.fence } : null
    },
  }
}
