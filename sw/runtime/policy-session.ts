/** How an agent's session grows: pure steps over its state, each bounded. */
import { canonical } from '../../src/base/canonical.ts'
import { digestJson } from '../../src/base/digest.ts'
import type { Session } from '../../src/policy/session.ts'
import { trustOfOutput } from '../../src/policy/trust-of-output.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Source } from '../../src/protocol/source.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration } from '../ports/action.ts'
import { declaredAs } from './policy-budgets.ts'
import { keptText, type AgentSession, type PolicyState } from './policy-state.ts'

export const newSession = (now: number): AgentSession => ({ began: now, tainted: false, said: [], seen: [], past: [] })

export const sessionOf = ({ agents }: PolicyState, agent: string, now: number): AgentSession =>
  (Object.hasOwn(agents, agent) ? agents[agent] : undefined) ?? newSession(now)

/** Puts a session back; of too many agents the one that began first is dropped. */
export function withSession(state: PolicyState, agent: string, session: AgentSession): PolicyState {
  const agents = Object.entries({ ...state.agents, [agent]: session })
  const kept = agents.length > LIMITS.policyAgentsMax ? agents.toSorted(([, a], [, b]) => b.began - a.began).slice(0, LIMITS.policyAgentsMax) : agents
  return { ...state, agents: Object.fromEntries(kept) }
}

/** The newest of a list that fit together. */
function newest<T>(items: readonly T[], sizeOf: (item: T) => number, count: number, chars: number): T[] {
  let room = chars
  const kept = items.slice(-count).toReversed()
  const end = kept.findIndex((item) => (room -= sizeOf(item)) < 0)
  return (end < 0 ? kept : kept.slice(0, end)).toReversed()
}

export const hear = (session: AgentSession, text: string): AgentSession => ({
  ...session,
  said: newest([...session.said, keptText(text)], ({ length }) => length, LIMITS.policySaidMax, LIMITS.policyCharsMax),
})

type SeenItem = AgentSession['seen'][number]

function see(session: AgentSession, item: SeenItem): AgentSession {
  if (session.seen.some(({ id }) => id === item.id)) return session
  return {
    ...session,
    tainted: session.tainted || item.trust === 'untrusted',
    seen: newest([...session.seen, item], ({ text }) => text.length, LIMITS.policySeenMax, LIMITS.policyCharsMax),
  }
}

/** What a page says its agent has read. Only what lowers trust counts: a page's word that something is the user's or the app's is no proof. */
export const seeSources = (session: AgentSession, sources: readonly Source[]): AgentSession =>
  sources
    .filter(({ kind }) => kind === 'untrusted')
    .reduce((now, { id, text, by }) => {
      const kept = keptText(text)
      return see(now, { id: `source:${digestJson({ id, text: kept })}`, by: by ?? id, trust: 'untrusted', text: kept })
    }, session)

/** What a governed action gave back to its agent, by the receipt that the worker wrote itself. */
export function seeReceipt(session: AgentSession, record: ReceiptRecord, declared: ActionDeclaration): AgentSession {
  const { result } = record
  if (result === undefined || record.admittedAt < session.began) return session
  const text = typeof result === 'string' ? result : canonical(result)
  const isShort = text.length <= LIMITS.sourceCharsMax
  return see(session, {
    id: record.id,
    by: declared.title ?? record.call.action,
    trust: trustOfOutput(declaredAs(record.call.action, declared), declared.output, session.tainted),
    text: keptText(text),
    ...(isShort ? { value: result } : {}),
    args: record.call.params,
  })
}

/** Only what went beyond the request is kept, the oldest of it: that it happened is never forgotten. */
export const note = (session: AgentSession, action: string, rules: readonly string[]): AgentSession =>
  rules.length === 0 ? session : { ...session, past: [...session.past, { action, rules: [...rules] }].slice(0, LIMITS.policyPastMax) }

const UNSEEN = { id: 'unseen', by: 'something it has read', trust: 'untrusted', text: '' } as const

/** The session as policy judges it. `isUnseen`: the agent did not say what it had read, so it may have read anything. */
export const judgedSession = (
  { tainted, said, seen, past }: AgentSession,
  { endorsed }: PolicyState,
  directories: Session['directories'],
  isUnseen: boolean,
): Session => ({
  said,
  seen: (tainted && !seen.some(({ trust }) => trust === 'untrusted')) || isUnseen ? [...seen, UNSEEN] : seen,
  past,
  directories: directories ?? {},
  endorsed,
})

/** For the dialog: what the page declared, the user's own words, and what the worker recorded; the newest where there is too much. */
export function shownSources(declared: readonly Source[], { said, seen }: AgentSession, user: string): readonly Source[] {
  const words = said.map((text, index): Source => ({ id: `request-${index + 1}`, kind: 'user', text, by: user }))
  const outputs = seen
    .filter(({ id }) => !id.startsWith('source:'))
    .map(({ id, by, trust, text }): Source => ({ id, kind: trust === 'trusted' ? 'app' : 'untrusted', text, by: by.slice(0, LIMITS.keyCharsMax) }))
  const isNew = ({ text }: Source): boolean => !declared.some((source) => source.text === text)
  return [...declared, ...[...words, ...outputs].filter(isNew).toReversed()].slice(0, LIMITS.sourcesMax)
}
