/** The worlds a runtime runs in, in memory: for tests that must decide what the clock, the network and the far end do. */
import { setTimeout as realSleep } from 'node:timers/promises'
import { chain, GENESIS, type AuditEntry, type ChainHead } from '../../src/audit/entry.ts'
import { digestBytes } from '../../src/base/digest.ts'
import { ok } from '../../src/base/result.ts'
import type { WorkerMessage } from '../../src/protocol/messages.ts'
import type { HttpBatchOutcome, HttpCall, HttpOutcome } from '../../sw/ports/http-effect.ts'
import type { ChangeOutcome, LedgerStoreDep, ReceiptRow } from '../../sw/ports/ledger-store.ts'
import { createRescue } from '../../sw/runtime/capsule.ts'
import type { RuntimePorts } from '../../sw/runtime/runtime.ts'

export type MemoryDisk = { rows: Map<string, ReceiptRow>; entries: AuditEntry[]; head: ChainHead; secrets: Map<string, Uint8Array>; gate: unknown }

export const emptyDisk = (): MemoryDisk => ({ rows: new Map(), entries: [], head: GENESIS, secrets: new Map(), gate: undefined })

export const memoryStore = (disk: MemoryDisk): LedgerStoreDep['store'] => ({
  exists: async () => disk.rows.size > 0,
  strays: async () => ok([...disk.rows.values()].filter(({ order }) => typeof order !== 'number')),
  async commit(changes) {
    const outcomes = changes.map(({ row, facts }): ChangeOutcome => {
      const there = disk.rows.get(row.id)
      if (row.rev === 1 && there) return { kind: 'exists', row: there }
      if (row.rev !== 1 && there?.rev !== row.rev - 1) return { kind: 'conflict' }
      disk.rows.set(row.id, row)
      for (const fact of facts) {
        const entry = chain(disk.head, fact)
        disk.head = { seq: entry.seq, hash: entry.hash }
        disk.entries.push(entry)
      }
      return { kind: 'committed' }
    })
    return ok(outcomes)
  },
  async load(recent) {
    const rows = [...disk.rows.values()].toSorted((a, b) => b.order - a.order)
    return ok({
      rows: rows.filter((row) => row.open === 1),
      newest: Promise.resolve(rows.slice(0, recent).filter((row) => row.open !== 1)),
      orderMax: Math.max(0, ...rows.map(({ order }) => order)),
    })
  },
  get: async (id) => ok(disk.rows.get(id)),
  audit: async (limit, after) =>
    ok({
      entries: after === undefined ? disk.entries.slice(-limit) : disk.entries.filter(({ seq }) => seq > after).slice(0, limit),
      head: disk.head,
    }),
})

export type World = {
  readonly ports: RuntimePorts
  readonly disk: MemoryDisk
  readonly sent: HttpCall[]
  readonly lines: string[]
  now: number
  elapsed: number
  online: boolean
  answer: (call: HttpCall) => HttpOutcome | Promise<HttpOutcome>
  readonly batches: (readonly string[])[]
  answerBatch: ((byKey: ReadonlyMap<string, HttpOutcome>) => HttpBatchOutcome) | null
  flag: unknown
  staticFlag: unknown
}

/** A far end that keeps the key with the effect, as an `Idempotency-Key` server does. */
export function createWorld(disk: MemoryDisk = emptyDisk()): World {
  let count = 0
  const world: World = {
    disk,
    sent: [],
    batches: [],
    answerBatch: null,
    lines: [],
    now: 1_800_000_000_000,
    elapsed: 0,
    online: true,
    answer: () => ({ kind: 'answer', status: 200, body: { done: true } }),
    flag: undefined,
    staticFlag: undefined,
    ports: {
      server: null,
      clock: {
        now: () => world.now,
        elapsed: () => world.elapsed,
        sleep: () => realSleep(1).then(() => void ((world.now += 1_000), (world.elapsed += 1_000))),
      },
      random: { hex: (bytes) => (++count).toString(16).padStart(bytes * 2, '0'), unit: () => 0.5 },
      network: { online: () => world.online },
      kits: [() => ({ digest: async (record) => record.paramsDigest })],
      rescue: {
        createRescue,
        cipher: {
          seal: async (plain) => ({ capsule: Buffer.from(plain).toString('base64'), code: 'CODE' }),
          open: async (capsule, code) => (code === 'CODE' ? new Uint8Array(Buffer.from(capsule, 'base64')) : null),
        },
      },
      lock: { hold: (_name, work) => work() },
      wake: { request: async () => undefined },
      pages: { broadcast: async (message: WorkerMessage) => void message, isAnyOpen: async () => false, sendToOne: async () => false },
      log: { line: ({ text }) => void world.lines.push(text) },
      flags: { fetchStatic: async () => world.staticFlag, fetchDocument: async () => world.flag },
      gateStore: { load: async () => disk.gate, save: async (value) => void (disk.gate = structuredClone(value)) },
      secrets: {
        get: async (name) => disk.secrets.get(name),
        set: async (name, value) => void disk.secrets.set(name, value),
        remove: async (name) => void disk.secrets.delete(name),
      },
      keyring: {
        start: async () => ok({ made: false, durable: true }),
        seal: async (_context, plain) => Uint8Array.from(plain, (byte) => byte ^ 0x5a),
        open: async (_context, sealed) => ok(Uint8Array.from(sealed, (byte) => byte ^ 0x5a)),
        digest: async (bytes) => digestBytes(bytes),
        tag: async (text) => `tag(${text})`,
      },
      store: memoryStore(disk),
      http: {
        async send(call) {
          world.sent.push(call)
          return world.answer(call)
        },
        async sendBatch({ url, items, token }) {
          world.batches.push(items.map(({ key }) => key))
          const byKey = new Map<string, HttpOutcome>()
          for (const { key, params } of items) byKey.set(key, await world.answer({ method: 'POST', url, key, params, token }))
          return world.answerBatch ? world.answerBatch(byKey) : { kind: 'answers', byKey }
        },
      },
    },
  }
  return world
}
