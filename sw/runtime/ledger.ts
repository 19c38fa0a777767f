/**
 * The ledger in memory over the ledger on disk.
 *
 * L1 A record is shown only after the transaction that holds it is complete.
 * L2 Changes to one receipt happen one after another; different receipts share a transaction (group commit).
 * L3 A row that does not open or parse is left on disk, counted, and its neighbours go on (law 8). A newer build's is parked.
 */
import type { AuditFact } from '../../src/audit/entry.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import { applyFact, type Fact } from '../core/apply-fact.ts'
import { isOpen, ownerPrincipal, SHAPE, type ReceiptRecord } from '../core/receipt-record.ts'
import { upcast } from '../core/upcast.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { ChangeOutcome, LedgerRead, LedgerStoreDep, ReceiptRow, StoreFailure } from '../ports/ledger-store.ts'
import { createGroupCommit } from './group-commit.ts'

export type Held = { readonly record: ReceiptRecord; readonly rev: number; readonly order: number; readonly owner: string }

export type Admitted = { readonly held: Held; readonly isNew: boolean }

export type Ledger = {
  /** Reads what is on disk once; safe to call before every use. */
  open(): Promise<Result<null, Failure>>
  /** No more than an admission needs: the key, the order and how much waits. What waits is opened when somebody looks. */
  begin(): Promise<Result<unknown, Failure>>
  /** Looks for rows that no index leads to any more; reads every key, so it is for a quiet moment. */
  lookForStrays(): Promise<void>
  /** Rows that cannot be read, and rows of a newer build. */
  readonly unread: () => { readonly quarantined: number; readonly parked: number }
  /** A principal's open receipts; `recent` also has the ended ones that are in memory. */
  waiting(principal: Principal): readonly Held[]
  recent(principal: Principal): readonly Held[]
  present(id: string): Held | null
  /** `null` when there is none, or none that can be read; a disk that cannot be read is a failure, not an absence. */
  find(id: string): Promise<Result<Held | null, Failure>>
  nextOrder(): number
  /** Inserts a stamped record with its facts, or gives the receipt that was there first. */
  admit(record: ReceiptRecord, order: number, kinds: readonly string[]): Promise<Result<Admitted, Failure>>
  /** Applies a fact; `null` when it cannot happen in the receipt's state any more. */
  change(id: string, fact: Fact): Promise<Result<ReceiptRecord | null, Failure>>
}

const RowSchema = v.object({
  id: v.string(),
  shape: v.number(),
  owner: v.string(),
  rev: v.number(),
  order: v.number(),
  sealed: v.custom<Uint8Array>((value) => value instanceof Uint8Array),
})

/** Done once; again where it failed. */
const once = <T>(work: () => Promise<Result<T, Failure>>): (() => Promise<Result<T, Failure>>) => {
  let doing: ReturnType<typeof work> | null = null
  return async () => {
    const result = await (doing ??= work())
    if (!result.ok) doing = null
    return result
  }
}

const storageFailed = (what: string, { name }: StoreFailure) => err(failure('STORAGE_FAILED', `the ledger could not be ${what} (${name})`))

type Deps = ClockDep &
  KeyringDep &
  LedgerStoreDep & {
    /** `isRead`: it lay on the disk already, when this worker opened it; when all of that is open, without any. */
    readonly onChange: (held?: Held, isRead?: boolean) => void
  }

export function createLedger({ clock, keyring, store, onChange }: Deps): Ledger {
  const records = new Map<string, Held>()
  /** Open receipts by owner, so that no step costs more than what waits. */
  const open = new Map<string, Map<string, Held>>()
  const quarantine = new Set<string>()
  const parked = new Set<string>()
  const turns = new Map<string, Promise<unknown>>()
  const commits = createGroupCommit(store)
  let orderMax = 0
  /** Admissions on their way to the disk: many at once must not take more than there is room for. */
  let arriving = 0
  /** Open rows that were read and not looked at yet. */
  let unopened = 0

  const contextOf = (id: string, owner: string, shape: number): SealContext => ({ store: 'receipts', record: id, owner, shape })

  const openOf = (owner: string): Map<string, Held> => {
    const there = open.get(owner) ?? new Map<string, Held>()
    open.set(owner, there)
    return there
  }

  const forget = ({ record, owner }: Held): void => {
    records.delete(record.id)
    openOf(owner).delete(record.id)
  }

  const openCount = (): number => [...open.values()].reduce((sum, { size }) => sum + size, 0)

  const keep = (held: Held, isRead = false): void => {
    records.set(held.record.id, held)
    if (isOpen(held.record)) openOf(held.owner).set(held.record.id, held)
    else openOf(held.owner).delete(held.record.id)
    orderMax = Math.max(orderMax, held.order)
    let ended = records.size - openCount()
    if (ended > 2 * LIMITS.memoryReceiptsMax) {
      for (const old of records.values()) {
        if (isOpen(old.record) || old === held) continue
        if (ended-- <= LIMITS.memoryReceiptsMax) break
        forget(old)
      }
    }
    onChange(held, isRead)
  }

  async function readRow(row: unknown): Promise<Held | null> {
    const parsed = v.safeParse(RowSchema, row)
    const unreadable = (): null => {
      quarantine.add(parsed.success ? parsed.output.id : String((row as { id?: unknown } | null)?.id))
      return null
    }
    if (!parsed.success) return unreadable()
    const { id, owner, rev, order, sealed, shape } = parsed.output
    if (shape > SHAPE) {
      parked.add(id)
      return null
    }
    const plain = await keyring.open(contextOf(id, owner, shape), sealed)
    if (!plain.ok) return unreadable()
    try {
      const record = upcast(shape, JSON.parse(new TextDecoder().decode(plain.value)))
      return record?.id === id ? { record, rev, order, owner } : unreadable()
    } catch {
      return unreadable()
    }
  }

  const fromDisk = async (id: string): Promise<Result<Held | null, Failure>> => {
    const row = await store.get(id)
    if (!row.ok) return storageFailed('read', row.error)
    return ok(row.value === undefined ? null : await readRow(row.value))
  }

  const find: Ledger['find'] = async (id) => {
    const there = records.get(id)
    return there ? ok(there) : fromDisk(id)
  }

  const begin = once(async (): Promise<Result<LedgerRead, Failure>> => {
    const starting = keyring.start()
    const read = await store.load(LIMITS.snapshotReceiptsMax)
    if (!read.ok) return storageFailed('opened', read.error)
    orderMax = Math.max(orderMax, read.value.orderMax)
    if (!(await starting).ok) return err(failure('CRYPTO_FAILED', 'the device key is unusable'))
    unopened = read.value.rows.length
    return read
  })

  const start = once(async (): Promise<Result<null, Failure>> => {
    const read = await begin()
    if (!read.ok) return read
    for (const reading of [read.value.rows, read.value.newest]) {
      const rows = await reading
      for (let from = 0; from < rows.length; from += LIMITS.openedAtOnceMax) {
        const some = rows.slice(from, from + LIMITS.openedAtOnceMax)
        const opened = await Promise.all(some.map(readRow))
        unopened = Math.max(0, unopened - some.length)
        for (const held of opened) if (held && !records.has(held.record.id)) keep(held, true)
      }
    }
    onChange()
    return ok(null)
  })

  const inTurn = <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(work)
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    turns.set(id, settled)
    void settled.then(() => turns.get(id) === settled && turns.delete(id))
    return turn
  }

  async function write(held: Held, kinds: readonly string[]): Promise<Result<ChangeOutcome, Failure>> {
    const { record, rev, order, owner } = held
    const sealed = await keyring.seal(contextOf(record.id, owner, SHAPE), utf8ToBytes(JSON.stringify(record)))
    const base = { id: record.id, shape: SHAPE, owner, rev, order, sealed }
    const row: ReceiptRow = isOpen(record) ? { ...base, open: 1 } : base
    const digest = await keyring.digest(sealed)
    const facts = kinds.map((kind): AuditFact => ({ at: record.updatedAt, kind, receipt: record.id, digest }))
    const outcome = await commits.add({ row, facts })
    if (!outcome.ok) return storageFailed('written', outcome.error)
    if (outcome.value.kind === 'committed') keep(held)
    return outcome
  }

  return {
    open: start,
    begin,
    async lookForStrays() {
      const lost = await store.strays()
      if (lost.ok) await Promise.all(lost.value.map(readRow))
    },
    unread: () => ({ quarantined: quarantine.size, parked: parked.size }),
    waiting: (principal) => [...openOf(ownerOf(principal)).values()],
    recent(principal) {
      const owner = ownerOf(principal)
      return [...records.values()].filter((held) => held.owner === owner)
    },
    present: (id) => records.get(id) ?? null,
    nextOrder: () => ++orderMax,
    find,
    admit: (record, order, kinds) =>
      inTurn(record.id, async () => {
        const there = records.get(record.id)
        if (there) return ok({ held: there, isNew: false })
        if (openCount() + unopened + arriving >= LIMITS.outboxMax) {
          const found = await fromDisk(record.id)
          if (!found.ok) return found
          return found.value ? ok({ held: found.value, isNew: false }) : err(failure('OUTBOX_FULL', 'too much is waiting already'))
        }
        arriving += 1
        const held: Held = { record, rev: 1, order, owner: ownerOf(ownerPrincipal(record)) }
        const written = await write(held, kinds).finally(() => (arriving -= 1))
        if (!written.ok) return written
        if (written.value.kind === 'committed') return ok({ held, isNew: true })
        const first = written.value.kind === 'exists' ? await readRow(written.value.row) : null
        if (!first) return err(failure('RECORD_UNREADABLE', 'what has this key is unreadable'))
        // Another worker's, which this one had not read: what waits is kept in sight.
        if (isOpen(first.record)) keep(first)
        return ok({ held: first, isNew: false })
      }),
    change: (id, fact) =>
      inTurn(id, async () => {
        let found = await find(id)
        for (let tries = 0; tries < LIMITS.changeTriesMax; tries++) {
          if (!found.ok) return found
          const held = found.value
          const next = held && applyFact(held.record, fact, clock.now())
          if (!next) return ok(null)
          const written = await write({ ...held, record: next, rev: held.rev + 1 }, [fact.kind])
          if (!written.ok) return written
          if (written.value.kind === 'committed') return ok(next)
          // Another worker was faster (a hand-over): its row is the truth now, and what we know is told to that one (law 7).
          found = await fromDisk(id)
          if (found.ok && found.value) keep(found.value)
          else if (found.ok) forget(held)
        }
        return err(failure('STORAGE_FAILED', 'another worker changes it'))
      }),
  }
}

/** Whether a principal may see or run a row. */
export const isOwnedBy = ({ record }: Held, principal: Principal): boolean =>
  record.call.tenant === principal.tenant && record.call.principal === principal.user
