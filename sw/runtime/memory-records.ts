/**
 * Memory records between what they are and how they lie: sealed under the account's keys, named by what only those keys can name.
 *
 * A record about a subject is sealed twice: its content under the subject's own key, that under the account's. Destroying the subject's
 * key makes every copy of it unreadable, wherever the copies are.
 */
import { base64UrlToBytes, bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { envelopeEpoch } from '../../src/base/envelope.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { AccountKeys, MemoryContext, OpenFailure } from '../ports/account-keys.ts'
import type { MemoryRow, MemoryStore, MemoryStoreName, MemoryWriteFailure } from '../ports/memory-store.ts'

const SHAPE = 1
const SUBJECT_KEY_BYTES = 32

const json = v.custom<Json>((value) => value !== undefined)
const OtherSchema = v.object({ value: json, at: v.number(), device: v.string() })

const ContentSchema = v.object({
  key: v.string(),
  value: json,
  /** What other devices wrote at the same time and this one won over. */
  others: v.array(OtherSchema),
})

const RecordSchema = v.object({
  at: v.number(),
  expires: v.nullable(v.number()),
  /** Rises with every change anywhere; a server that shows less than it once showed is not believed. */
  version: v.number(),
  device: v.string(),
  deleted: v.boolean(),
  /** Names the subject's key. */
  subject: v.nullable(v.string()),
  content: v.union([ContentSchema, v.string(), v.null()]),
})
type Stored = v.InferOutput<typeof RecordSchema>

export type MemoryContent = v.InferOutput<typeof ContentSchema>
export type MemoryRecord = Omit<Stored, 'content'> & {
  /** `null` for a deletion, and for what is about a subject that was forgotten. */
  readonly content: MemoryContent | null
}

/** How often a change is decided again because something else lies there by then. */
export const TRIES_MAX = 10

/** Whether nothing will open it on this device any more. */
export const isLost = (why: OpenFailure): boolean => why === 'UNREADABLE' || why === 'KEY_MISMATCH'

export type MemoryRecords = {
  idOf(principal: Principal, store: MemoryStoreName, key: string): Promise<string>
  toRow(principal: Principal, store: MemoryStoreName, id: string, record: MemoryRecord, rev: number): Promise<MemoryRow>
  read(principal: Principal, store: MemoryStoreName, row: Pick<MemoryRow, 'id' | 'set' | 'sealed'>): Promise<Result<MemoryRecord, OpenFailure>>
  /** The name of the subject's present key, which is made and kept when there is none. */
  subjectKey(principal: Principal, subject: string): Promise<Result<string, MemoryWriteFailure>>
}

type Deps = {
  readonly account: AccountKeys
  readonly memoryStore: MemoryStore
  readonly now: () => number
  readonly device: () => string
  readonly hex: (count: number) => string
}

export const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

export function createMemoryRecords({ account, memoryStore, now, device, hex }: Deps): MemoryRecords {
  const contextOf = (principal: Principal, store: MemoryStoreName, record: string): MemoryContext => ({
    tenant: principal.tenant,
    principal: principal.user,
    store,
    record,
    shape: SHAPE,
  })

  const idOf: MemoryRecords['idOf'] = (principal, store, key) => account.name(ownerOf(principal), `${store}\n${key}`)

  /** A subject's keys by the id of their row: the one that is sealed under, then those that other devices made at the same time. */
  async function secretsOf(principal: Principal, name: string): Promise<Result<readonly Uint8Array[], OpenFailure>> {
    const row = await memoryStore.get('subjects', name)
    if (!row.ok) return err('DB_UNOPENABLE')
    if (!row.value || row.value.gone) return ok([])
    const read = await open(principal, 'subjects', row.value)
    if (!read.ok) return read
    if (read.value.content === null || typeof read.value.content === 'string') return ok([])
    const { value, others } = read.value.content
    return ok([value, ...others.map((other) => other.value)].flatMap((kept) => (typeof kept === 'string' ? (base64UrlToBytes(kept) ?? []) : [])))
  }

  async function open(
    principal: Principal,
    store: MemoryStoreName,
    row: Pick<MemoryRow, 'id' | 'set' | 'sealed'>,
  ): Promise<Result<Stored, OpenFailure>> {
    const plain = await account.open(ownerOf(principal), row.set, contextOf(principal, store, row.id), row.sealed)
    if (!plain.ok) return plain
    const parsed = v.safeParse(RecordSchema, parseJson(plain.value))
    return parsed.success ? ok(parsed.output) : err('UNREADABLE')
  }

  const inner = (principal: Principal, store: MemoryStoreName, subject: string): MemoryContext => contextOf(principal, store, `about ${subject}`)

  const toRow: MemoryRecords['toRow'] = async (principal, store, id, record, rev) => {
    const owner = ownerOf(principal)
    let content: Stored['content'] = record.content
    if (record.subject !== null && record.content !== null) {
      const secrets = await secretsOf(principal, record.subject)
      const [secret] = secrets.ok ? secrets.value : []
      if (!secret) throw new Error('Key not found')
      content = bytesToBase64Url(
        await account.sealUnder(secret, inner(principal, store, record.subject), utf8ToBytes(JSON.stringify(record.content))),
      )
    }
    const sealed = await account.seal(owner, contextOf(principal, store, id), utf8ToBytes(JSON.stringify({ ...record, content })))
    const state = await account.load(owner)
    const set = state.ok ? state.value.set : ''
    const base: MemoryRow = { id, owner, set, epoch: envelopeEpoch(sealed), at: record.at, expires: record.expires, rev, sealed }
    const dirty: MemoryRow = store === 't3_episodic' ? base : { ...base, dirty: 1 }
    return record.deleted ? { ...dirty, gone: 1 } : dirty
  }

  return {
    idOf,
    toRow,
    async read(principal, store, row) {
      const opened = await open(principal, store, row)
      if (!opened.ok) return opened
      const { content, subject } = opened.value
      if (typeof content !== 'string') return ok({ ...opened.value, content })
      const sealed = base64UrlToBytes(content)
      if (!sealed || subject === null) return err('UNREADABLE')
      const secrets = await secretsOf(principal, subject)
      if (!secrets.ok) return secrets
      for (const secret of secrets.value) {
        const plain = await account.openUnder(secret, inner(principal, store, subject), sealed)
        const parsed = plain.ok ? v.safeParse(ContentSchema, parseJson(plain.value)) : null
        if (parsed?.success) return ok({ ...opened.value, content: parsed.output })
      }
      return secrets.value.length === 0 ? ok({ ...opened.value, content: null }) : err('UNREADABLE')
    },
    async subjectKey(principal, subject) {
      const id = await idOf(principal, 'subjects', subject)
      for (let tries = 1; ; tries++) {
        const there = await memoryStore.get('subjects', id)
        if (!there.ok) return there
        const before = there.value ? await open(principal, 'subjects', there.value) : null
        if (before?.ok && !before.value.deleted) return ok(id)
        // A key that only an unlocking opens is nobody's to write over.
        if (before && !before.ok && !isLost(before.error)) return err({ code: 'ABORTED', name: before.error })
        const secret = Uint8Array.from(hex(SUBJECT_KEY_BYTES).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
        const record: MemoryRecord = {
          at: now(),
          expires: null,
          version: before?.ok ? before.value.version + 1 : 1,
          device: device(),
          deleted: false,
          subject: null,
          content: { key: subject, value: bytesToBase64Url(secret), others: [] },
        }
        const put = await toRow(principal, 'subjects', id, record, there.value?.rev ?? 0)
        const written = await memoryStore.write([{ store: 'subjects', put, over: there.value ?? null }], 'strict')
        if (written.ok) return ok(id)
        // Two at once make one key: what was sealed under the other would be lost.
        if (written.error.code !== 'CHANGED' || tries >= TRIES_MAX) return written
      }
    },
  }
}
