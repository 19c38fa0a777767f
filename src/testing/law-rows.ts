/** What every committed change must keep to: laws 1, 2, 3, 6, 7, 8, 9, 10 and 11, seen from the disk. */
import { digestBytes, digestJson } from '../base/digest.ts'
import { FAILURES, type FailureCode } from '../protocol/failure.ts'
import * as LIMITS from '../protocol/limits.ts'
import type { ReceiptRecord } from '../../sw/core/receipt-record.ts'
import type { ReceiptRow } from '../../sw/ports/ledger-store.ts'
import type { Book } from './book.ts'
import { MARK, showsPlain } from './book.ts'
import type { Device } from './device.ts'
import type { Committed } from './disk.ts'
import { EPOCH, type World } from './world.ts'

const STAMPS = [
  'id',
  'key',
  'traceId',
  'call',
  'digest',
  'paramsDigest',
  'lane',
  'reasons',
  'sources',
  'agentReason',
  'sequence',
  'admittedAt',
] as const
/** Between a stamp and its commit; and by how much a server's clock may be told late. */
const NEAR_MS = 120_000
const FINAL = new Set(['refused', 'denied', 'expired', 'cancelled', 'done', 'dead'])
/** The state that a fact of each kind leaves behind. */
const LEAVES: Readonly<Record<string, readonly string[]>> = {
  approved: ['ready'],
  denied: ['denied'],
  expired: ['expired'],
  cancelled: ['cancelled'],
  leased: ['leased'],
  done: ['done'],
  refused: ['refused'],
  dead: ['dead'],
  postponed: ['ready'],
  unknown: ['unknown'],
}

export const recordOf = (device: Device, row: ReceiptRow): ReceiptRecord | null => {
  const plain = device.disk.keyring.open({ store: 'receipts', record: row.id, owner: row.owner, shape: row.shape }, row.sealed)
  return plain ? (JSON.parse(new TextDecoder().decode(plain)) as ReceiptRecord) : null
}

const stampsOf = (record: ReceiptRecord): readonly unknown[] => STAMPS.map((stamp) => record[stamp])

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export const asksPerson = (record: ReceiptRecord, undoMs: number | undefined): boolean =>
  record.lane === 'RED' || (record.lane === 'YELLOW' && undoMs === undefined)

export function checkCommit(
  { world, book, undoOf }: { world: World; book: Book; undoOf: (action: string) => number | undefined },
  device: Device,
  { before, row, facts }: Committed,
  prior: ReceiptRecord | null,
): ReceiptRecord | null {
  const name = `device ${device.index} receipt ${row.id.slice(0, 6)}`
  const broke = (law: number, text: string): void => world.broke(law, `${name}: ${text}`)

  if (device.untouchable.has(row.id)) broke(8, 'a damaged or newer row was written over')
  if (showsPlain(row.sealed) || JSON.stringify(facts).includes(MARK)) broke(10, 'plaintext on disk')
  if (facts.length === 0) broke(3, 'a row changed without an audit entry')
  const digest = digestBytes(row.sealed)
  if (facts.some((fact) => fact.receipt !== row.id || fact.digest !== digest)) broke(3, 'an audit entry does not name the bytes it came with')

  const next = recordOf(device, row)
  if (!next) {
    broke(8, 'a row was written that does not open')
    return null
  }
  const kind = facts.at(-1)?.kind ?? ''
  if (LEAVES[kind] && !LEAVES[kind].includes(next.state)) broke(2, `the fact ${kind} left the state ${next.state}`)
  if (row.open !== (FINAL.has(next.state) && next.synced ? undefined : 1)) broke(2, 'the row says of itself something else than its record')
  if (next.failure && FAILURES[next.failure.code as FailureCode] !== next.failure.retry) broke(11, `failure ${next.failure.code} has another class`)
  if (next.failures > LIMITS.attemptsMax) broke(9, `${next.failures} failures were counted`)
  if (kind === 'postponed') {
    const waitMs = next.dueAt - next.updatedAt
    if (waitMs > LIMITS.retryAfterMsMax || waitMs < -1) broke(9, `waits ${waitMs} ms`)
  }
  if (kind === 'leased' && ((next.leaseUntil ?? 0) - next.updatedAt > 10 * LIMITS.leaseMs || next.leaseUntil === null))
    broke(4, 'a lease without an end')

  if (!prior) {
    if (digestJson(next.call) !== next.digest) broke(6, 'the digest is not that of the call')
    // What lay there before the world began to look is not judged.
    if (before) return next
    if (facts[0]?.kind !== 'admitted' && facts[0]?.kind !== 'imported') broke(2, `a receipt began with ${facts[0]?.kind ?? 'nothing'}`)
    const isOfNow = (at: number): boolean => Math.abs(at - device.now()) < NEAR_MS || Math.abs(at - EPOCH - world.scheduler.now()) < NEAR_MS
    if (facts[0]?.kind === 'admitted' && !(isOfNow(next.admittedAt) && isOfNow(next.call.issued)))
      broke(1, 'stamped with another time than that of admission')
    return next
  }
  if (!same(stampsOf(prior), stampsOf(next)))
    for (const stamp of STAMPS) if (!same(prior[stamp], next[stamp])) broke(1, `${stamp} changed after admission`)
  // A dead letter is over when a person says so.
  const isGivenUp = prior.state === 'dead' && next.state === 'cancelled' && book.decided.has(`discard|${next.key}`)
  if (FINAL.has(prior.state) && prior.state !== next.state && kind !== 'revived' && kind !== 'exported' && !isGivenUp)
    broke(2, `${prior.state} became ${next.state}`)
  if (prior.state === 'done' && !same(prior.result, next.result)) broke(2, 'a result changed')
  if (kind === 'leased' && prior.state !== 'ready') broke(4, `leased out of ${prior.state}`)
  if (kind === 'leased' && next.attempts !== prior.attempts + 1) broke(4, 'a lease that is not counted')
  if (
    prior.state === 'awaiting-approval' &&
    next.state === 'ready' &&
    (next.approved?.digest !== next.digest || !book.decided.has(`approve|${row.id}|${next.digest}`))
  )
    broke(6, 'released without a person’s approval of these bytes')
  if (asksPerson(next, undoOf(next.call.action)) && ['ready', 'leased'].includes(next.state) && next.approved?.digest !== next.digest)
    broke(6, 'ready without an approval')
  return next
}
