import type { ReceiptView, WaitingFor } from '../protocol/views.ts'

export type Group = { readonly reason: WaitingFor; readonly receipts: readonly ReceiptView[] }

/** What a person must look at, and what stands still behind it. */
export type Trouble = { readonly receipt: ReceiptView; readonly dependants: readonly ReceiptView[] }

export type Arranged = {
  readonly troubles: readonly Trouble[]
  readonly groups: readonly Group[]
  /** Done lately, newest first. */
  readonly recent: readonly ReceiptView[]
}

/** What the person can do something about comes first. */
const ORDER: readonly WaitingFor[] = [
  'approval',
  'sign-in',
  'undo window',
  'running',
  'its turn',
  'retry',
  'network',
  'ledger',
  'page',
  'sequence',
  'update',
  'gate',
]

const RECENT_MAX = 5

/** Whether a person should look at it: it failed for good, nobody knows whether it ran, or it was taken out in a file. */
export const isTrouble = ({ status, waitingFor }: ReceiptView): boolean => status === 'dead' || waitingFor === 'person' || waitingFor === 'export'

/** Sorts what the outbox holds into what the panel shows. Pure; keeps the order of `items` inside each group. */
export const arrange = (items: readonly ReceiptView[], troubled: readonly ReceiptView[], newest: readonly ReceiptView[]): Arranged => {
  const troubles = new Map(troubled.map((receipt) => [receipt.key, { receipt, dependants: [] as ReceiptView[] }]))
  const groups = new Map<WaitingFor, ReceiptView[]>(ORDER.map((reason) => [reason, []]))
  for (const receipt of items) {
    if (isTrouble(receipt)) continue
    const blocker = receipt.blockedBy === undefined ? undefined : troubles.get(receipt.blockedBy)
    if (blocker === undefined) (groups.get(receipt.waitingFor ?? 'its turn') ?? groups.get('its turn'))?.push(receipt)
    else blocker.dependants.push(receipt)
  }
  return {
    troubles: [...troubles.values()],
    groups: [...groups].flatMap(([reason, receipts]) => (receipts.length === 0 ? [] : [{ reason, receipts }])),
    recent: newest
      .filter(({ status }) => status === 'done')
      .toSorted((a, b) => b.updatedAt - a.updatedAt)
      .slice(0, RECENT_MAX),
  }
}
