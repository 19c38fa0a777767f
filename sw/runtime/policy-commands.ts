/** What a page may say to policy on its user's behalf. Nothing here is in reach of an agent's capability. */
import { err, ok, type Result } from '../../src/base/result.ts'
import { boundParams } from '../../src/policy/grants.ts'
import { observedWords } from '../../src/policy/observed.ts'
import type { Policy } from '../../src/policy/policy-data.ts'
import type { Recorded } from '../../src/policy/replay-policy.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { KeySchema } from '../../src/protocol/idempotency-key.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { actionOf } from '../core/action-of.ts'
import { ownerOf, receiptId } from '../core/admit.ts'
import type { KitCommand, KitHost } from './kit.ts'
import { declaredAs } from './policy-budgets.ts'
import type { PolicyOrder } from './policy-order.ts'
import { hear, newSession, sessionOf, withSession } from './policy-session.ts'
import type { KeptStates, PolicyState } from './policy-state.ts'

const agentName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,63}$/))
const shortText = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(LIMITS.keyCharsMax))
const wholeUpTo = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))
const nothing = v.strictObject({})

const PromptSchema = v.strictObject({
  agent: agentName,
  text: v.pipe(v.string(), v.maxLength(LIMITS.sourceCharsMax)),
  /** The agent starts anew, with nothing of what it has read before. */
  begins: v.optional(v.boolean()),
})
const RememberSchema = v.strictObject({ key: KeySchema, uses: wholeUpTo(LIMITS.policyGrantUsesMax), forMs: wholeUpTo(LIMITS.policyGrantMsMax) })
const EndorseSchema = v.strictObject({ value: shortText, as: shortText })

type Run = (state: PolicyState, now: number) => readonly [PolicyState, Result<unknown, Failure>]

type Parts = { readonly states: KeptStates; readonly policy: Policy; readonly since: PolicyOrder['since'] }

const signedOut = () => err(failure('SIGNED_OUT', 'nobody is signed in'))

export function policyCommands(host: KitHost, { states, policy, since }: Parts): Readonly<Record<string, KitCommand>> {
  /** For whoever is signed in, one after another with everything else that changes their state. */
  const own = async (run: Run): Promise<Result<unknown, Failure>> => {
    const principal = host.principal()
    if (!principal) return signedOut()
    const { value } = await states.change(ownerOf(principal), (state, isReadable) =>
      isReadable
        ? run(state, host.time.now())
        : [state, err(failure('STORAGE_FAILED', 'what this device remembers of its assistants cannot be read'))],
    )
    return value
  }

  async function prompt({ agent, text, begins }: v.InferOutput<typeof PromptSchema>): Promise<Result<unknown, Failure>> {
    const principal = host.principal()
    if (!principal) return signedOut()
    const opened = await host.ledger.open()
    if (!opened.ok) return opened
    const from = (): number => since(principal, agent)
    return own((state) => {
      const session = begins === true ? newSession(from()) : sessionOf(state, agent, from)
      return [withSession(state, agent, hear(session, text)), ok(null)]
    })
  }

  /** "Let it do this again": only for what a person approved, and for calls that are the same where it matters. */
  async function remember({ key, uses, forMs }: v.InferOutput<typeof RememberSchema>): Promise<Result<unknown, Failure>> {
    const principal = host.principal()
    const found = principal && (await host.ledger.find(receiptId(principal, key)))
    if (!found || !found.ok || !found.value) return err(failure('RECEIPT_UNKNOWN', 'no receipt has this key'))
    const { record } = found.value
    const declared = actionOf(host.actions, record.call.action)
    const { agent, params, action } = record.call
    if (record.approved === null || agent === null || !declared)
      return err(failure('COMMAND_INVALID', 'only what an agent asked for and a person approved can be remembered'))
    return own((state, now) => {
      const same = boundParams(declaredAs(action, declared), params)
      const grant = { id: record.id, agent, action, same, left: uses, until: now + forMs }
      const grants = [...state.grants.filter((each) => each.id !== grant.id && each.until > now), grant].slice(-LIMITS.policyRememberedMax)
      return [{ ...state, grants }, ok(grant)]
    })
  }

  const endorse = ({ value, as }: v.InferOutput<typeof EndorseSchema>): Promise<Result<unknown, Failure>> =>
    own((state) => [
      { ...state, endorsed: [...state.endorsed.filter((each) => each.value !== value), { value, as }].slice(-LIMITS.policyRememberedMax) },
      ok(null),
    ])

  /** What a changed policy can be tried on: this device's newest agent calls, without the words around them. */
  const recorded = (): Result<unknown, Failure> => {
    const principal = host.principal()
    if (!principal) return err(failure('SIGNED_OUT', 'nobody is signed in'))
    return ok(
      host.ledger.recent(principal).map(({ record: { id, call, admittedAt, lane } }): Recorded => ({
        id,
        action: call.action,
        agent: call.agent,
        params: call.params,
        at: admittedAt,
        lane,
      })),
    )
  }

  async function forgetUnreadable(): Promise<Result<unknown, Failure>> {
    const principal = host.principal()
    if (!principal) return signedOut()
    return ok({ forgotten: await states.startAnew(ownerOf(principal)) })
  }

  return {
    prompt: { args: PromptSchema, run: prompt },
    remember: { args: RememberSchema, run: remember },
    endorse: { args: EndorseSchema, run: endorse },
    remembered: {
      args: nothing,
      run: () => own((state) => [state, ok({ grants: state.grants.filter(({ left }) => left > 0), endorsed: state.endorsed })]),
    },
    forgetGrant: {
      args: v.strictObject({ id: shortText }),
      run: ({ id }: { id: string }) => own((state) => [{ ...state, grants: state.grants.filter((grant) => grant.id !== id) }, ok(null)]),
    },
    forgetEndorsed: {
      args: v.strictObject({ value: shortText }),
      run: ({ value }: { value: string }) =>
        own((state) => [{ ...state, endorsed: state.endorsed.filter((each) => each.value !== value) }, ok(null)]),
    },
    observed: { args: nothing, run: () => own((state) => [state, ok({ ...state.observed, words: observedWords(state.observed) })]) },
    /** Gives up a state that cannot be read: sessions, budgets and grants begin with nothing. */
    forgetUnreadable: { args: nothing, run: forgetUnreadable },
    policy: { args: nothing, run: () => Promise.resolve(ok(policy)) },
    recorded: { args: nothing, run: () => Promise.resolve(recorded()) },
  }
}
