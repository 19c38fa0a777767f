/**
 * What policy remembers of one person on this device, sealed at rest: each agent's session, what budgets have given out, remembered grants, endorsed values and
 * what only observed actions would have been told. Bounded: the oldest goes first, and what is gone counts as said by nobody.
 */
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
})

const SessionSchema = v.object({
  began: v.number(),
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
  state: v.picklist(['reserved', 'committed']),
})
const GrantSchema = v.object({ id: v.string(), agent: v.string(), action: v.string(), same: object, left: v.number(), until: v.number() })
const counts = { actions: v.number(), wouldAsk: v.number(), wouldBlock: v.number() }

const StateSchema = v.object({
  v: v.literal(1),
  agents: v.record(v.string(), SessionSchema),
  spending: v.array(SpentSchema),
  grants: v.array(GrantSchema),
  endorsed: v.array(v.object({ value: v.string(), as: v.string() })),
  observed: v.object({ ...counts, byAction: v.record(v.string(), v.object(counts)) }),
})
export type PolicyState = v.InferOutput<typeof StateSchema>

export const NEW_STATE: PolicyState = {
  v: 1,
  agents: {},
  spending: [],
  grants: [],
  endorsed: [],
  observed: { actions: 0, wouldAsk: 0, wouldBlock: 0, byAction: {} },
}

export type KeptStates = {
  /**
   * One after another for each person: reads the state once, changes it, and writes it before it resolves. A state that cannot be written is still used: it is
   * lost with the worker.
   */
  change<T>(owner: string, work: (state: PolicyState) => readonly [PolicyState, T]): Promise<T>
}

export function createKeptStates({ keyring, secrets }: KeyringDep & SecretStoreDep): KeptStates {
  const states = new Map<string, PolicyState>()
  const turns = new Map<string, Promise<unknown>>()
  const nameOf = (owner: string): string => `policy/${owner}`
  const contextOf = (owner: string): SealContext => ({ store: 'maestro_secrets', record: 'policy', owner, shape: 1 })

  async function read(owner: string): Promise<PolicyState> {
    const sealed = await secrets.get(nameOf(owner)).catch(() => undefined)
    if (!(sealed instanceof Uint8Array)) return NEW_STATE
    const plain = await keyring.open(contextOf(owner), sealed)
    const parsed = plain.ok ? v.safeParse(v.pipe(v.string(), v.parseJson(), StateSchema), bytesToUtf8(plain.value)) : null
    return parsed?.success ? parsed.output : NEW_STATE
  }

  const write = async (owner: string, state: PolicyState): Promise<void> =>
    secrets.set(nameOf(owner), await keyring.seal(contextOf(owner), utf8ToBytes(JSON.stringify(state))))

  return {
    change(owner, work) {
      const turn = (turns.get(owner) ?? Promise.resolve()).then(async () => {
        const before = states.get(owner) ?? (await read(owner))
        const [after, value] = work(before)
        states.set(owner, after)
        if (after !== before) await write(owner, after).catch(() => undefined)
        return value
      })
      turns.set(
        owner,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}

/** A text as it is kept: cut where a source's text is. */
export const keptText = (text: string): string => text.slice(0, LIMITS.sourceCharsMax).toWellFormed()
