import type { ClaimItem, CompletionItem, ReceiptServer, ServerFailure, SyncAnswer, SyncRequest } from '../../sw/ports/receipt-server.ts'
import { err, ok, type Result } from '../base/result.ts'
import * as LIMITS from '../protocol/limits.ts'
import type { Exchange } from './exchange.ts'
import type { Fault } from './plan.ts'
import type { Site } from './site.ts'
import type { Worker } from './worker.ts'

const unreachable = (): Result<never, ServerFailure> => err({ kind: 'unreachable' })

/** The shared ledger over the network. Every answer carries the kill version, which may come later than the answer itself. */
export function receiptsPort(site: Site, worker: Worker, exchange: Exchange, onKillVersion: (version: number) => void): ReceiptServer {
  const { world, ledger, accounts, laws } = site

  const answer = <T>(name: string, token: string, fault: Fault | null, work: (owner: string) => T): Result<T, ServerFailure> => {
    if (fault) world.count(`${name} ${fault.kind}`)
    if (fault?.kind === '401') return err({ kind: 'auth' })
    if (fault?.kind === 'busy') return err({ kind: 'failing', waitMs: fault.ms ?? 5_000 })
    if (fault) return err({ kind: 'failing' })
    const owner = accounts.owner(token)
    if (owner === null) return err({ kind: 'auth' })
    if (worker.generation.isAlive())
      world.scheduler.add(1, () => worker.generation.isAlive() && onKillVersion(world.flag.version), { background: true })
    return ok(work(owner))
  }

  const through = <T>(name: string, detail: string, token: string, work: (owner: string) => T): Promise<Result<T, ServerFailure>> =>
    exchange(name, detail, { timeoutMs: LIMITS.syncTimeoutMs }, (fault) => answer(name, token, fault, work), unreachable)

  const sync = (request: SyncRequest, token: string): Promise<Result<SyncAnswer, ServerFailure>> => {
    laws.onSync(worker, request, token)
    const detail = `claims ${request.claims.length} completions ${request.completions.length} audit ${request.audit.length}`
    return through('server', detail, token, (owner) => ({
      claims: request.claims.map((item: ClaimItem) => ledger.claim(owner, item)),
      completions: request.completions.map((item: CompletionItem) => ledger.complete(owner, item)),
      audit: ledger.append(owner, request.deviceId, request.audit),
      retentionMs: ledger.retentionMs,
      serverTime: ledger.serverTime(),
    }))
  }

  return {
    sync,
    lookUp: (key, token) => through('look-up', key, token, (owner) => ledger.lookUp(owner, key)),
  }
}
