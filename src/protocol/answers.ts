import { own } from '../base/own.ts'
import type { CommandName } from './commands.ts'
import * as v from './schema.ts'

const receipt = v.looseObject({ id: v.string(), key: v.string(), action: v.string(), status: v.string(), lane: v.string(), updatedAt: v.number() })
const snapshot = v.looseObject({
  boot: v.string(),
  seq: v.number(),
  receipts: v.array(receipt),
  approvals: v.array(v.looseObject({ id: v.string() })),
})

type Answered = { readonly result: v.GenericSchema; readonly deadlineMs: number }

/** The command table, half two: what each command answers, and how long a caller waits for it. */
export const ANSWERS = {
  hello: { result: v.looseObject({ gate: v.looseObject({ state: v.string(), version: v.number() }) }), deadlineMs: 10_000 },
  snapshot: { result: snapshot, deadlineMs: 10_000 },
  signIn: { result: v.null(), deadlineMs: 15_000 },
  signOut: { result: v.null(), deadlineMs: 10_000 },
  execute: { result: v.looseObject({ receipt, idempotent: v.boolean() }), deadlineMs: 15_000 },
  lookup: { result: v.nullable(receipt), deadlineMs: 10_000 },
  cancel: { result: v.boolean(), deadlineMs: 10_000 },
  retry: { result: v.null(), deadlineMs: 10_000 },
  discard: { result: v.null(), deadlineMs: 10_000 },
  outbox: { result: v.looseObject({ items: v.array(receipt), next: v.nullable(v.number()) }), deadlineMs: 10_000 },
  export: { result: v.looseObject({ capsule: v.string(), code: v.string(), count: v.number() }), deadlineMs: 60_000 },
  import: { result: v.looseObject({ imported: v.number(), known: v.number(), refused: v.number() }), deadlineMs: 60_000 },
  decide: { result: v.null(), deadlineMs: 10_000 },
  agent: { result: v.string(), deadlineMs: 10_000 },
  pageEffect: { result: v.null(), deadlineMs: 10_000 },
  audit: { result: v.array(v.looseObject({ seq: v.number(), hash: v.string() })), deadlineMs: 10_000 },
  verifyAudit: { result: v.looseObject({ intact: v.boolean(), entries: v.number() }), deadlineMs: 60_000 },
  health: { result: v.looseObject({ status: v.string(), maestro_enabled: v.boolean() }), deadlineMs: 10_000 },
  refreshGate: { result: v.null(), deadlineMs: 10_000 },
  wake: { result: v.null(), deadlineMs: 10_000 },
} as const satisfies Record<CommandName, Answered>

/** What a command of the core's table answers; a kit's commands are not in it. */
export const answerOf = (name: string): Answered | undefined => own<Answered>(ANSWERS, name)
