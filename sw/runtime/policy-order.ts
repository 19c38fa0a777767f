/** What came before what, by the ledger's order and by what this worker has seen itself: a device's clock may go back, and decides nothing here. */
import type { Principal } from '../../src/protocol/views.ts'
import { FINAL, type ReceiptRecord } from '../core/receipt-record.ts'
import type { KitHost } from './kit.ts'

/** Observed receipts that are remembered as counted: each changes a few times within seconds. */
const COUNTED_MAX = 1_024

export type PolicyOrder = {
  /** Where a session that begins now begins: behind everything that this agent has done, before what it still waits for. */
  since(principal: Principal, agent: string): number
  /** Whether this worker saw the receipt open before: what becomes of it then is new. Asked once for each change. */
  isLive(record: ReceiptRecord): boolean
  /** Whether an observed receipt is counted now for the first time. `countedTo`: as the state on the disk says. */
  isUncounted(owner: string, id: string, seq: number, countedTo: number): boolean
}

export function createPolicyOrder({ ledger }: Pick<KitHost, 'ledger'>): PolicyOrder {
  const open = new Set<string>()
  const counted = new Map<string, number>()
  const floors = new Map<string, number>()
  return {
    since(principal, agent) {
      let [newest, waiting] = [0, Infinity]
      for (const { record } of ledger.recent(principal)) {
        newest = Math.max(newest, record.call.seq)
        if (record.call.agent === agent && !FINAL.has(record.state)) waiting = Math.min(waiting, record.call.seq - 1)
      }
      return Math.min(newest, waiting)
    },
    isLive({ id, state }) {
      const isOver = FINAL.has(state) && state !== 'dead'
      if (!isOver) open.add(id)
      return isOver ? open.delete(id) : true
    },
    isUncounted(owner, id, seq, countedTo) {
      const floor = floors.get(owner) ?? countedTo
      floors.set(owner, floor)
      if (counted.has(id) || seq <= floor) return false
      counted.set(id, seq)
      const oldest = counted.size > COUNTED_MAX ? counted.entries().next().value : undefined
      if (oldest) {
        counted.delete(oldest[0])
        floors.set(owner, Math.max(floor, oldest[1]))
      }
      return true
    },
  }
}
