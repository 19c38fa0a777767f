/**
 * The rescue capsule: unsent work, packed for another browser of the same person.
 *
 * K1 What is packed waits here until it is taken back or given up: it is not sent from two places on purpose.
 * K2 What is unpacked is asked for anew under its key, with a claim of this device's own, so that one effect comes of it however many
 *    unpack it. Policy and approval are this device's: a capsule could have been written by anybody who knows its code (laws 6, 8).
 */
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Capsule, GateView, ImportReport, Principal } from '../../src/protocol/views.ts'
import { isKeyed } from '../core/action-of.ts'
import { receiptId } from '../core/admit.ts'
import type { ReceiptRecord, State } from '../core/receipt-record.ts'
import type { Actions } from '../ports/action.ts'
import type { CapsuleCipherDep } from '../ports/capsule-cipher.ts'
import type { Stamp } from './create-stamp.ts'
import type { Held, Ledger } from './ledger.ts'
import { parseIntent } from './parse-intent.ts'

export type Rescue = {
  pack(principal: Principal, keys: readonly string[] | undefined): Promise<Result<Capsule, Failure>>
  unpack(principal: Principal, capsule: string, code: string): Promise<Result<ImportReport, Failure>>
}

type Deps = CapsuleCipherDep & {
  readonly actions: Actions
  readonly ledger: Ledger
  readonly stamp: Stamp
  readonly gateNow: () => GateView
}

const ItemSchema = v.object({
  key: v.unknown(),
  action: v.string(),
  version: v.number(),
  params: v.unknown(),
  agent: v.nullable(v.string()),
  sources: v.unknown(),
  reason: v.optional(v.string()),
  /** It may have happened, and nobody knows. */
  isUnsure: v.boolean(),
  attempts: v.number(),
  keptUntil: v.nullable(v.number()),
})
const ContentSchema = v.object({
  v: v.literal(1),
  tenant: v.string(),
  user: v.string(),
  items: v.pipe(v.array(v.unknown()), v.maxLength(LIMITS.outboxMax)),
})

/** What seals, names and spells a capsule beside its items. */
const WRAPPING_BYTES = 1_024

const PACKED: ReadonlySet<State> = new Set<State>(['awaiting-approval', 'ready', 'dead', 'unknown', 'exported'])

const itemOf = ({ key, call, sources, agentReason, attempts, keptUntil, state, resume }: ReceiptRecord): v.InferOutput<typeof ItemSchema> => ({
  key,
  action: call.action,
  version: call.version,
  params: call.params,
  agent: call.agent,
  sources,
  ...(agentReason === null ? {} : { reason: agentReason }),
  isUnsure: state === 'unknown' || resume === 'unknown',
  attempts,
  keptUntil,
})

const parsed = (bytes: Uint8Array | null): unknown => {
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

export function createRescue(deps: Deps): Rescue {
  async function unpackOne(principal: Principal, packed: unknown): Promise<keyof ImportReport> {
    const item = v.safeParse(ItemSchema, packed)
    if (!item.success) return 'refused'
    const { agent, version, attempts, keptUntil } = item.output
    const asked = await parseIntent(item.output, agent, deps.actions)
    if (!asked.ok || asked.value.declared.version !== version) return 'refused'
    const { intent, declared } = asked.value
    const id = receiptId(principal, intent.key)
    const found = await deps.ledger.find(id)
    if (!found.ok) return 'refused'
    if (found.value?.record.state === 'exported') await deps.ledger.change(id, { kind: 'revived' })
    if (found.value) return 'known'
    const stamp = await deps.stamp(asked.value, principal, id)
    if (deps.gateNow().state !== 'run') return 'refused'
    const fresh = stamp()
    // What had left and cannot be sent twice stays a question, here as there; so does what was one already.
    const isUnsure = (item.output.isUnsure || (attempts > 0 && !isKeyed(declared.effect))) && fresh.state !== 'refused'
    const why = failure('OUTCOME_UNKNOWN', 'it had been tried on another device; the effect may have happened')
    const record: ReceiptRecord = isUnsure ? { ...fresh, state: 'unknown', waiting: 'ledger', failure: why } : { ...fresh, keptUntil }
    const admitted = await deps.ledger.admit(record, fresh.call.seq, ['imported'])
    return admitted.ok ? (admitted.value.isNew ? 'imported' : 'known') : 'refused'
  }

  /** Counted one by one: all of it together may be more than a text can be. */
  function isTooLarge(chosen: readonly Held[]): boolean {
    let left = (LIMITS.capsuleCharsMax / 4) * 3 - WRAPPING_BYTES
    return chosen.some(({ record }) => (left -= utf8ToBytes(JSON.stringify(itemOf(record))).length + 1) < 0)
  }

  return {
    async pack(principal, keys) {
      const wanted = keys && new Set(keys)
      const open = deps.ledger.waiting(principal).toSorted((a, b) => a.order - b.order)
      const chosen = open.filter(({ record }) => PACKED.has(record.state) && (!wanted || wanted.has(record.key)))
      if (isTooLarge(chosen)) return err(failure('PARAMS_TOO_LARGE', 'this is more than one capsule takes: choose fewer', 'keys'))
      // First it is held: what is leased in this moment runs here, and stays here.
      const held = await Promise.all(
        chosen.map(async ({ record }) => (record.state === 'exported' ? ok(record) : deps.ledger.change(record.id, { kind: 'exported' }))),
      )
      const failed = held.find((each) => !each.ok)
      if (failed && !failed.ok) return failed
      const packed = held.flatMap((each) => (each.ok && each.value ? [each.value] : []))
      const content = { v: 1, tenant: principal.tenant, user: principal.user, items: packed.map(itemOf) }
      return ok({ ...(await deps.cipher.seal(utf8ToBytes(JSON.stringify(content)))), count: packed.length })
    },
    async unpack(principal, capsule, code) {
      const content = v.safeParse(ContentSchema, parsed(await deps.cipher.open(capsule, code)))
      if (!content.success) return err(failure('CAPSULE_UNREADABLE', 'the capsule is damaged, or the code is another one’s', 'code'))
      const { tenant, user, items } = content.output
      if (tenant !== principal.tenant || user !== principal.user)
        return err(failure('CAPSULE_UNREADABLE', 'the capsule is another person’s', 'capsule'))
      const report = { imported: 0, known: 0, refused: 0 }
      // In chunks: each shares its transactions, and events get through between them.
      for (let from = 0; from < items.length; from += LIMITS.openedAtOnceMax) {
        const said = await Promise.all(items.slice(from, from + LIMITS.openedAtOnceMax).map((item) => unpackOne(principal, item)))
        for (const word of said) report[word] += 1
      }
      return ok(report)
    },
  }
}
