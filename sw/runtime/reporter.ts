/** Tells pages what changed: numbered deltas, many changes in one message. A page that missed a number asks for a snapshot. */
import { LIMITS } from '../../src/protocol/limits.ts'
import type { Principal, Snapshot } from '../../src/protocol/views.ts'
import { approvalView, receiptView, type Surroundings } from '../core/project.ts'
import type { Actions } from '../ports/action.ts'
import type { PagesDep } from '../ports/pages.ts'
import { isOwnedBy, isWaiting, type Held, type Ledger } from './ledger.ts'

export type Reporter = {
  /** A receipt changed, or (without one) the surroundings did: every view is then told anew. */
  changed(held?: Held): void
  /** Tells now what waits to be told; resolves when every open page has been sent it. */
  tell(): Promise<void>
  snapshot(): Snapshot
}

type Deps = PagesDep & {
  readonly boot: string
  readonly actions: Actions
  readonly ledger: () => Ledger
  readonly principal: () => Principal | null
  readonly surroundings: () => Surroundings
  readonly sync: () => Snapshot['sync']
  readonly isDurable: () => boolean
}

/** One frame: enough to put a burst into one message, too short for a person to notice. */
const GATHER_MS = 16

export function createReporter(deps: Deps): Reporter {
  let seq = 0
  let dirty = new Set<string>()
  let isAllDirty = false
  let timer: ReturnType<typeof setTimeout> | null = null

  const mine = (): readonly Held[] => {
    const principal = deps.principal()
    return principal
      ? deps
          .ledger()
          .all()
          .filter((held) => isOwnedBy(held, principal))
      : []
  }

  const rest = (held: readonly Held[]): Omit<Snapshot, 'receipts'> => {
    const around = deps.surroundings()
    return {
      boot: deps.boot,
      seq,
      principal: deps.principal(),
      gate: around.gate,
      online: around.online,
      sync: deps.sync(),
      durability: deps.isDurable() ? 'durable' : 'memory',
      quarantined: deps.ledger().quarantined(),
      waiting: held.filter(isWaiting).length,
      approvals: held
        .filter(({ record }) => record.state === 'awaiting-approval')
        .toSorted((a, b) => a.order - b.order)
        .slice(0, LIMITS.snapshotApprovalsMax)
        .map(({ record }) => approvalView(record, deps.actions)),
    }
  }

  const views = (held: readonly Held[]): Snapshot['receipts'] => {
    const around = deps.surroundings()
    return held
      .toSorted((a, b) => b.order - a.order)
      .slice(0, LIMITS.snapshotReceiptsMax)
      .map(({ record }) => receiptView(record, around))
  }

  const tell = async (): Promise<void> => {
    if (timer === null) return
    clearTimeout(timer)
    timer = null
    seq += 1
    const held = mine()
    const receipts = views(isAllDirty ? held : held.filter(({ record }) => dirty.has(record.id)))
    dirty = new Set()
    isAllDirty = false
    await deps.pages.broadcast({ type: 'maestro:delta', delta: { ...rest(held), receipts } })
  }

  return {
    tell,
    changed(held) {
      if (held) dirty.add(held.record.id)
      else isAllDirty = true
      timer ??= setTimeout(() => void tell().catch(() => undefined), GATHER_MS)
    },
    snapshot() {
      const held = mine()
      return { ...rest(held), receipts: views(held) }
    },
  }
}
