/**
 * Policy in the worker: an agent's calls are judged by where their values come from and by what the user asked for.
 *
 * Y1 Only the worker's own record lowers a lane: the user's words (command `prompt`), directories, results of governed reads. What a page declares taints.
 * Y2 A user's own intents are left to the app's rules.
 * Y3 A policy that was refused stops every agent, and says why.
 * Y4 Budgets are reserved before a call may run and settled by its receipt; policy is asked again before the first lease.
 */
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy-data.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { useGrant } from '../../src/policy/grants.ts'
import { judgeCall } from '../../src/policy/judge-call.ts'
import { observe } from '../../src/policy/observed.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { actionOf } from '../core/action-of.ts'
import { ownerOf, receiptId } from '../core/admit.ts'
import { ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { Asked, Judged, Kit, KitHost } from './kit.ts'
import { declaredAs, reserveFor, settle, withOwnBudgets } from './policy-budgets.ts'
import { policyCommands } from './policy-commands.ts'
import { judgedSession, note, seeReceipt, seeSources, sessionOf, shownSources, withSession } from './policy-session.ts'
import { createKeptStates } from './policy-state.ts'

export type ProvenanceOptions = {
  /** Closed JSON, see `Policy`. Without it only the rules of provenance hold. */
  readonly policy?: Policy
}

export const createProvenance =
  ({ policy: given }: ProvenanceOptions): Kit =>
  (host: KitHost) => {
    const states = createKeptStates(host)
    const parsed = given === undefined ? ok(EMPTY_POLICY) : parsePolicy(given as unknown as Json, host.clock.now())
    const policy = withOwnBudgets(parsed.ok ? parsed.value : EMPTY_POLICY, host.actions)
    const refused = parsed.ok ? null : `the policy is refused (${parsed.error.code}: ${parsed.error.field} ${parsed.error.message})`
    const startedAt = host.clock.now()
    const counted = new Set<string>()

    async function judge({ intent, declared, principal }: Asked): Promise<Judged | null> {
      const { agent, params, action } = intent
      if (agent === null) return null
      if (refused !== null) return { lane: 'BLOCKED', reasons: [refused] }
      const at = host.clock.now()
      const call = { id: receiptId(principal, intent.key), agent, params, at }
      const as = declaredAs(action, declared)
      return states.change(ownerOf(principal), (state) => {
        const session = seeSources(sessionOf(state, agent, at), intent.sources)
        const seen = judgedSession(session, state, host.directories, intent.sources.length === 0 && as.stays !== true)
        const verdict = judgeCall(as, call, seen, { policy, spending: state.spending, grants: state.grants })
        const rules = verdict.findings.map(({ rule }) => rule).filter((rule) => rule === 'not-asked-for')
        const noted = withSession(state, agent, note(session, action, rules))
        const granted = verdict.grant === null ? noted : { ...noted, grants: [...useGrant(noted.grants, verdict.grant)] }
        // What asks is reserved when a person approves it.
        const after = verdict.lane === 'GREEN' ? reserveFor(granted, as, call, policy) : granted
        const sources = shownSources(intent.sources, session, principal.user)
        return [after, { lane: verdict.lane, reasons: verdict.reasons, sources }]
      })
    }

    /** What policy itself says of a recorded call now: forbids, ends, capabilities, hard budgets. What a person approved is not asked for again. */
    async function stands({ id, call }: ReceiptRecord, reserves: boolean): Promise<Failure | null> {
      const { agent, params } = call
      const declared = actionOf(host.actions, call.action)
      if (agent === null || !declared) return null
      if (refused !== null) return failure('POLICY_BLOCKED', refused)
      const as = declaredAs(call.action, declared)
      const asked = { id, agent, params, at: host.clock.now() }
      const why = await states.change(ownerOf({ tenant: call.tenant, user: call.principal }), (state) => {
        const session = { said: [], seen: [], past: [], directories: host.directories }
        const { findings } = judgeCall(as, asked, session, { policy, spending: state.spending })
        const blocked = findings.find(({ lane }) => lane === 'BLOCKED')?.because
        return [blocked === undefined && reserves ? reserveFor(state, as, asked, policy) : state, blocked]
      })
      return why === undefined ? null : failure('POLICY_BLOCKED', why)
    }

    async function approve(record: ReceiptRecord): Promise<Result<Json | null, Failure>> {
      const why = await stands(record, true)
      return why === null ? ok(null) : err(why)
    }

    function changed(record: ReceiptRecord): void {
      const { agent } = record.call
      const declared = actionOf(host.actions, record.call.action)
      const isNewlyObserved = record.observed !== undefined && record.admittedAt >= startedAt && !counted.has(record.id)
      if (isNewlyObserved) counted.add(record.id)
      if ((agent === null || !declared) && !isNewlyObserved) return
      const owner = ownerOf(ownerPrincipal(record))
      void states
        .change(owner, (before) => {
          let state = settle(before, record)
          if (isNewlyObserved && record.observed) state = { ...state, observed: observe(state.observed, record.call.action, record.observed.lane) }
          if (agent === null || !declared || record.state !== 'done' || !Object.hasOwn(state.agents, agent)) return [state, null]
          const session = sessionOf(state, agent, record.admittedAt)
          const after = seeReceipt(session, record, declared)
          return [after === session ? state : withSession(state, agent, after), null]
        })
        .catch(() => undefined)
    }

    return {
      commands: policyCommands(host, states, policy),
      judge,
      recheck: (record) => stands(record, false),
      changed,
      approve,
    }
  }
