/**
 * Policy in the worker: an agent's calls are judged by where their values come from and by what the user asked for.
 *
 * Y1 Only the worker's own record lowers a lane: the user's words (command `prompt`), directories, results of governed reads. What a page declares taints.
 * Y2 A user's own intents are left to the app's rules.
 * Y3 A policy that was refused stops every agent, and says why.
 * Y4 Budgets are held when a call is judged, reserved when it is approved and again before its first lease, and settled by its receipt.
 * Y5 Where this person's state cannot be read, everything asks, and what a budget is about waits: nothing is written over it.
 * Y6 Time is the server's where it is known.
 */
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy-data.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { useGrant } from '../../src/policy/grants.ts'
import type { Verdict } from '../../src/policy/judge.ts'
import { judgeCall } from '../../src/policy/judge-call.ts'
import { observe } from '../../src/policy/observed.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import { isCounted, overdrawn } from '../../src/policy/spending.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { actionOf } from '../core/action-of.ts'
import { ownerOf, receiptId } from '../core/admit.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { Asked, Judged, Kit, KitHost } from './kit.ts'
import { countIn, declaredAs, settle, spendingNow, wantedOf, withOwnBudgets } from './policy-budgets.ts'
import { policyCommands } from './policy-commands.ts'
import { createPolicyOrder } from './policy-order.ts'
import { checkedSources, judgedSession, note, seeReceipt, seeSources, sessionOf, shownSources, withSession } from './policy-session.ts'
import { createKeptStates } from './policy-state.ts'

export type ProvenanceOptions = {
  /** Closed JSON, see `Policy`. Without it only the rules of provenance hold. */
  readonly policy?: Policy
}

const UNREADABLE = 'what this device remembers of its assistants cannot be read'

export const createProvenance =
  ({ policy: given }: ProvenanceOptions): Kit =>
  (host: KitHost) => {
    const states = createKeptStates({
      ...host,
      onUnreadable() {
        host.counters.count('blocked')
        host.log.line({ level: 'warn', text: '[MAESTRO RISK] Policy state unreadable: every agent asks', code: 'RECORD_UNREADABLE' })
      },
    })
    const order = createPolicyOrder(host)
    // Whether it has expired is asked with every call: at this moment no server's time can be known (Y6).
    const parsed = given === undefined ? ok(EMPTY_POLICY) : parsePolicy(given as unknown as Json, 0)
    const policy = withOwnBudgets(parsed.ok ? parsed.value : EMPTY_POLICY, host.actions)
    const budgets = policy.budgets ?? []
    const refused = parsed.ok ? null : `the policy is refused (${parsed.error.code}: ${parsed.error.field} ${parsed.error.message})`

    async function judge({ intent, declared, principal }: Asked): Promise<Judged | null> {
      const { agent, params, action, confidence } = intent
      if (agent === null) return null
      if (refused !== null) return { lane: 'BLOCKED', reasons: [refused] }
      const at = host.time.now()
      const call = { id: receiptId(principal, intent.key), agent, params, at, confidence }
      const as = declaredAs(action, declared)
      const isUnseen = intent.sources.length === 0 && as.stays !== true
      const { value } = await states.change(ownerOf(principal), (state, isReadable) => {
        const begun = sessionOf(state, agent, () => order.since(principal, agent))
        const sources = checkedSources(begun, intent.sources, host.directories)
        const session = seeSources(isReadable ? begun : { ...begun, tainted: true }, sources, isUnseen)
        const seen = judgedSession(session, state, host.directories, isUnseen)
        const verdict = judgeCall(as, call, seen, { policy, spending: spendingNow(state, policy, at), grants: state.grants })
        const rules = verdict.findings.map(({ rule }) => rule).filter((rule) => rule === 'not-asked-for')
        const noted = withSession(state, agent, note(session, action, rules))
        const granted = verdict.grant === null ? noted : { ...noted, grants: [...useGrant(noted.grants, verdict.grant, call.id)] }
        const mayRun = isReadable && (verdict.lane === 'GREEN' || verdict.lane === 'YELLOW')
        const after = mayRun ? countIn(granted, wantedOf(as, call), policy, 'held') : granted
        // Of a session that cannot be read nothing is said but that.
        const said: Verdict = isReadable || verdict.lane === 'BLOCKED' ? verdict : { lane: 'RED', reasons: [UNREADABLE] }
        return [after, { lane: said.lane, reasons: said.reasons, sources: shownSources(sources, session, principal.user) }]
      })
      return value
    }

    /** What policy itself says of a recorded call now: forbids, ends, capabilities, budgets. What a person approved is not asked for again. */
    async function stands({ id, call }: ReceiptRecord, isApproved: boolean): Promise<Failure | 'wait' | null> {
      const { agent, params } = call
      const declared = actionOf(host.actions, call.action)
      if (agent === null || !declared) return null
      if (refused !== null) return failure('POLICY_BLOCKED', refused)
      const as = declaredAs(call.action, declared)
      const asked = { id, agent, params, at: host.time.now() }
      const wanted = wantedOf(as, asked)
      const isNamed = isCounted(budgets, wanted)
      const { value, isKept } = await states.change(ownerOf({ tenant: call.tenant, user: call.principal }), (state, isReadable) => {
        const spending = spendingNow(state, policy, asked.at)
        const session = { said: [], seen: [], past: [], directories: host.directories }
        const { findings } = judgeCall(as, asked, session, { policy, spending })
        // Nobody was asked about what goes beyond a budget only now.
        const over = isApproved ? undefined : overdrawn(budgets, spending, wanted)[0]?.because
        const why = findings.find(({ lane }) => lane === 'BLOCKED')?.because ?? over
        return [why === undefined && isReadable ? countIn(state, wanted, policy, 'reserved') : state, why]
      })
      if (value !== undefined) return failure('POLICY_BLOCKED', value)
      // A reservation that is not on the disk would be lost with the worker, and the budget with it.
      return isNamed && !isKept ? 'wait' : null
    }

    async function approve(record: ReceiptRecord): Promise<Result<Json | null, Failure>> {
      const why = await stands(record, true)
      return why === null ? ok(null) : err(why === 'wait' ? failure('STORAGE_FAILED', UNREADABLE) : why)
    }

    function changed(record: ReceiptRecord): void {
      const { id, call, observed } = record
      const { agent, action, seq } = call
      const isLive = order.isLive(record)
      const declared = actionOf(host.actions, action)
      if ((agent === null || !declared) && observed === undefined) return
      void states
        .change(ownerOf(ownerPrincipal(record)), (before) => {
          let state = settle(before, record)
          if (observed && order.isUncounted(ownerOf(ownerPrincipal(record)), id, seq, state.observedTo))
            state = { ...state, observed: observe(state.observed, action, observed.lane), observedTo: Math.max(state.observedTo, seq) }
          if (agent === null || !declared || record.state !== 'done' || !Object.hasOwn(state.agents, agent)) return [state, null]
          const session = sessionOf(state, agent, () => seq)
          const after = isLive || seq > session.since ? seeReceipt(session, record, declared) : session
          return [after === session ? state : withSession(state, agent, after), null]
        })
        .catch(() => undefined)
    }

    return {
      commands: policyCommands(host, { states, policy, since: order.since }),
      judge,
      recheck: async (record) => (record.observed === undefined ? stands(record, record.approved !== null) : null),
      changed,
      approve,
    }
  }
