/**
 * What policy remembers of one person on this device, sealed at rest: each agent's session, what budgets have given out, remembered grants, endorsed values and
 * what only observed actions would have been told. Bounded: the oldest goes first, and what is gone counts as said by nobody.
 */
import { own } from '../../src/base/own.ts'
import { bytesToUtf8, utf8ToBytes } from '../../src/base/bytes.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'

const json = v.custom<Json>((value) => value !== undefined)
const object = v.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))

const SeenSchema = v.object({
  id: v.string(),
  by: v.string(),
  trust: v.picklist(['trusted', 'untrusted']),
  text: v.string(),
  value: v.exactOptional(json),
  args: v.exactOptional(object),
  secrets: v.exactOptional(v.union([v.array(v.string()), v.literal(true)])),
})

const SessionSchema = v.object({
  /** The ledger's order when it began: what was done before it is not part of it. */
  since: v.optional(v.number(), 0),
  /** A stranger's words were in it, though they may be forgotten by now. */
  tainted: v.boolean(),
  said: v.array(v.string()),
  seen: v.array(SeenSchema),
  past: v.array(v.object({ action: v.string(), rules: v.array(v.string()) })),
})
export type AgentSession = v.InferOutput<typeof SessionSchema>

const SpentSchema = v.object({
  id: v.string(),
  action: v.string(),
  agent: v.string(),
  at: v.number(),
  amount: v.number(),
  targets: v.pipe(v.array(v.string()), v.readonly()),
  state: v.picklist(['held', 'reserved', 'committed']),
})
const GrantSchema = v.object({
  id: v.string(),
  agent: v.string(),
  action: v.string(),
  same: object,
  left: v.number(),
  until: v.number(),
  used: v.exactOptional(v.pipe(v.array(v.string()), v.readonly())),
})
const counts = { actions: v.number(), wouldAsk: v.number(), wouldBlock: v.number() }

const StateSchema = v.object({
  v: v.literal(1),
  /** The one that worked last stands last. */
  agents: v.record(v.string(), SessionSchema),
  /** Agents whose tainted session had to make room: they come back tainted. `true`: too many to name, so all do. */
  forgotten: v.optional(v.union([v.array(v.string()), v.literal(true)]), []),
  spending: v.array(SpentSchema),
  grants: v.array(GrantSchema),
  endorsed: v.array(v.object({ value: v.string(), as: v.string() })),
  observed: v.object({ ...counts, byAction: v.record(v.string(), v.object(counts)) }),
  /** The ledger's order up to which observed receipts are counted. */
  observedTo: v.optional(v.number(), 0),
})
export type PolicyState = v.InferOutput<typeof StateSchema>

export const NEW_STATE: PolicyState = {
  v: 1,
  agents: {},
  forgotten: [],
  spending: [],
  grants: [],
  endorsed: [],
  observed: { actions: 0, wouldAsk: 0, wouldBlock: 0, byAction: {} },
  observedTo: 0,
}

type Changed<T> = {
  readonly value: T
  /** Whether it is on the disk. */
  readonly isKept: boolean
}

export type KeptStates = {
  /**
   * One after another for each person: reads the state once, changes it, and writes it before it resolves. One that cannot be written is still used, and written
   * with the next change. Where what is on the disk cannot be read (`isReadable` is false) `work` gets an empty state instead: nothing is written over the one
   * that is there, and whoever worked meanwhile is tainted when it opens again.
   */
  change<T>(owner: string, work: (state: PolicyState, isReadable: boolean) => readonly [PolicyState, T]): Promise<Changed<T>>
  /** A person gives up what cannot be read. `false` where it can be, or where the disk does not answer. */
  startAnew(owner: string): Promise<boolean>
}

type Read = { readonly kind: 'state'; readonly state: PolicyState } | { readonly kind: 'unreadable' } | { readonly kind: 'no-answer' }

type Deps = KeyringDep & SecretStoreDep & { readonly onUnreadable: () => void }

export function createKeptStates({ keyring, secrets, onUnreadable }: Deps): KeptStates {
  const states = new Map<string, PolicyState>()
  /** What went on beside a state that could not be read. */
  const beside = new Map<string, PolicyState>()
  const unwritten = new Set<string>()
  const turns = new Map<string, Promise<unknown>>()
  const nameOf = (owner: string): string => `policy/${owner}`
  const contextOf = (owner: string): SealContext => ({ store: 'maestro_secrets', record: 'policy', owner, shape: 1 })

  async function read(owner: string): Promise<Read> {
    try {
      const sealed = await secrets.get(nameOf(owner))
      if (sealed === undefined) return { kind: 'state', state: NEW_STATE }
      const plain = sealed instanceof Uint8Array ? await keyring.open(contextOf(owner), sealed) : null
      const parsed = plain?.ok ? v.safeParse(v.pipe(v.string(), v.parseJson(), StateSchema), bytesToUtf8(plain.value)) : null
      return parsed?.success ? { kind: 'state', state: parsed.output } : { kind: 'unreadable' }
    } catch {
      return { kind: 'no-answer' }
    }
  }

  async function write(owner: string, state: PolicyState): Promise<boolean> {
    try {
      await secrets.set(nameOf(owner), await keyring.seal(contextOf(owner), utf8ToBytes(JSON.stringify(state))))
      unwritten.delete(owner)
      return true
    } catch {
      unwritten.add(owner)
      return false
    }
  }

  async function load(owner: string): Promise<PolicyState | null> {
    const there = states.get(owner)
    if (there) return there
    const found = await read(owner)
    if (found.kind !== 'state') {
      if (!beside.has(owner)) onUnreadable()
      return null
    }
    const meanwhile = Object.entries(beside.get(owner)?.agents ?? {})
    if (!beside.delete(owner) || meanwhile.length === 0) return found.state
    unwritten.add(owner)
    const { agents } = found.state
    const tainted = meanwhile.map(([name, session]) => [name, { ...(own(agents, name) ?? session), tainted: true }])
    return { ...found.state, agents: { ...agents, ...Object.fromEntries(tainted) } }
  }

  const inTurn = <T>(owner: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(owner) ?? Promise.resolve()).then(work)
    turns.set(
      owner,
      turn.catch(() => undefined),
    )
    return turn
  }

  return {
    change: (owner, work) =>
      inTurn(owner, async () => {
        const before = await load(owner)
        const [after, value] = work(before ?? beside.get(owner) ?? NEW_STATE, before !== null)
        if (before === null) beside.set(owner, after)
        else states.set(owner, after)
        const mustWrite = before !== null && (after !== before || unwritten.has(owner))
        return { value, isKept: before !== null && (!mustWrite || (await write(owner, after))) }
      }),
    startAnew: (owner) =>
      inTurn(owner, async () => {
        if (states.has(owner) || (await read(owner)).kind !== 'unreadable') return false
        if (!(await write(owner, NEW_STATE))) return false
        beside.delete(owner)
        states.set(owner, NEW_STATE)
        return true
      }),
  }
}

/** A text as it is kept: cut where a source's text is. */
export const keptText = (text: string): string => text.slice(0, LIMITS.sourceCharsMax).toWellFormed()
