/** Tells pages what changed: numbered deltas, many changes in one message. A page that missed a number asks for a snapshot. */
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Principal, Snapshot } from '../../src/protocol/views.ts'
import { approvalView, receiptView, type Surroundings } from '../core/project.ts'
import type { Actions } from '../ports/action.ts'
import type { PagesDep } from '../ports/pages.ts'
import type { ClockDep } from '../ports/clock.ts'
import { FINAL, needsPerson } from '../core/receipt-record.ts'
import type { Hooks } from './kit.ts'
import { isOwnedBy, type Held, type Ledger } from './ledger.ts'
import type { ServerLedger } from './server-ledger.ts'

export type Reporter = {
  /** A receipt changed, or (without one) the surroundings did: every view is then told anew. */
  changed(held?: Held): void
  /** Tells now what waits to be told; resolves when every open page has been sent it. */
  tell(): Promise<void>
  snapshot(): Snapshot
}

type Deps = ClockDep &
  PagesDep & {
    readonly boot: string
    readonly actions: Actions
    readonly hooks: Hooks
    readonly ledger: Ledger
    readonly principal: () => Principal | null
    readonly surroundings: () => Surroundings
    readonly server: Pick<ServerLedger, 'state'>
    readonly isDurable: () => boolean
    readonly needsSignIn: () => boolean
  }

/** One frame: enough to put a burst into one message, too short for a person to notice. */
const GATHER_MS = 16
/** What only moved on, and asks nobody: whoever asked was answered, and what others see of it may come a little later, with more. */
const MOVED_MS = 250

export function createReporter(deps: Deps): Reporter {
  let seq = 0
  let dirty = new Set<string>()
  let isAllDirty = false
  let gathering: AbortController | null = null
  let gatheringMs = 0

  const rest = (): Omit<Snapshot, 'receipts'> => {
    const around = deps.surroundings()
    const principal = deps.principal()
    const { quarantined, parked } = deps.ledger.unread()
    const counts = { waiting: 0, attention: 0, parked }
    const asking: Held[] = []
    for (const held of principal ? deps.ledger.waiting(principal) : []) {
      const { record } = held
      if (needsPerson(record)) counts.attention += 1
      if (FINAL.has(record.state)) continue
      counts.waiting += 1
      // Left alone by this build: a newer build's rows, and actions that it declares otherwise or not at all.
      if (!around.isKnown(record)) counts.parked += 1
      if (record.state === 'awaiting-approval') asking.push(held)
    }
    return {
      boot: deps.boot,
      seq,
      principal,
      gate: around.gate,
      online: around.online,
      sync: deps.server.state(),
      durability: deps.isDurable() ? 'durable' : 'memory',
      quarantined,
      ...counts,
      needsSignIn: deps.needsSignIn(),
      approvals: asking
        .toSorted((a, b) => a.order - b.order)
        .slice(0, LIMITS.snapshotApprovalsMax)
        .map(({ record }) => deps.hooks.present(approvalView(record, deps.actions), record)),
    }
  }

  const views = (held: readonly Held[]): Snapshot['receipts'] => {
    const around = deps.surroundings()
    return held.map(({ record }) => receiptView(record, around))
  }

  /** What a snapshot has room for. */
  const newest = (principal: Principal): readonly Held[] =>
    deps.ledger
      .recent(principal)
      .toSorted((a, b) => b.order - a.order)
      .slice(0, LIMITS.snapshotReceiptsMax)

  /** What this person's pages may show: what changed, and the newest where the surroundings did. */
  const told = (): readonly Held[] => {
    const principal = deps.principal()
    if (principal === null) return []
    const changed = [...dirty].flatMap((id) => deps.ledger.present(id) ?? []).filter((held) => isOwnedBy(held, principal))
    return isAllDirty ? [...new Set([...newest(principal), ...changed])] : changed
  }

  const tell = async (): Promise<void> => {
    // An admission may come before anybody has looked at what waits; what is counted here must have been read.
    if (dirty.size > 0) await deps.ledger.open()
    if (gathering === null) return
    gathering.abort()
    gathering = null
    const held = told()
    dirty = new Set()
    isAllDirty = false
    // Everything that changed is told, a page's room at a time: a handle may wait for the oldest of them.
    for (let from = 0; from === 0 || from < held.length; from += LIMITS.snapshotReceiptsMax) {
      seq += 1
      const receipts = views(held.slice(from, from + LIMITS.snapshotReceiptsMax))
      await deps.pages.broadcast({ type: 'maestro:delta', delta: { ...rest(), receipts } })
    }
  }

  async function gather(ms: number): Promise<void> {
    gathering?.abort()
    const mine = (gathering = new AbortController())
    gatheringMs = ms
    await deps.clock.sleep(ms, mine.signal)
    if (gathering === mine) await tell()
  }

  return {
    tell,
    changed(held) {
      if (held) dirty.add(held.record.id)
      else isAllDirty = true
      const ms = held && !FINAL.has(held.record.state) && held.record.state !== 'awaiting-approval' ? MOVED_MS : GATHER_MS
      if (gathering === null || ms < gatheringMs) void gather(ms).catch(() => undefined)
    },
    snapshot() {
      const principal = deps.principal()
      return { ...rest(), receipts: principal ? views(newest(principal)) : [] }
    },
  }
}
