/** How an agent's session grows: pure steps over its state, each bounded. */
import { own } from '../../src/base/own.ts'
import { canonical } from '../../src/base/canonical.ts'
import { digestJson } from '../../src/base/digest.ts'
import { secretValues } from '../../src/policy/secret-values.ts'
import type { Session } from '../../src/policy/session.ts'
import { isAppsStructure, trustOfOutput } from '../../src/policy/trust-of-output.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Source } from '../../src/protocol/source.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { ActionDeclaration } from '../ports/action.ts'
import { declaredAs } from './policy-budgets.ts'
import { keptText, type AgentSession, type PolicyState } from './policy-state.ts'

export const newSession = (since: number): AgentSession => ({ since, tainted: false, said: [], seen: [], past: [] })

/** An agent's session. One that had to make room comes back with nothing but its taint. */
export const sessionOf = ({ agents, forgotten }: PolicyState, agent: string, since: () => number): AgentSession =>
  own(agents, agent) ?? {
    ...newSession(since()),
    tainted: forgotten === true || forgotten.includes(agent),
  }

const FORGOTTEN_MAX = 1_000

/** Puts a session back; of too many agents the one that has not worked for longest makes room. */
export function withSession(state: PolicyState, agent: string, session: AgentSession): PolicyState {
  const others = Object.entries(state.agents).filter(([name]) => name !== agent)
  const [dropped, kept] = [others.slice(0, -(LIMITS.policyAgentsMax - 1)), others.slice(-(LIMITS.policyAgentsMax - 1))]
  const before = state.forgotten === true ? true : state.forgotten.filter((name) => name !== agent)
  const tainted = dropped.filter(([, { tainted: isTainted }]) => isTainted).map(([name]) => name)
  const names = before === true ? [] : [...new Set([...before, ...tainted])]
  return {
    ...state,
    agents: Object.fromEntries([...kept, [agent, session]]),
    forgotten: before === true || names.length > FORGOTTEN_MAX ? true : names,
  }
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

type Directories = NonNullable<Session['directories']>

/** Whether a text is as trusted as the page says: it stands in the worker's own record, or in the app's own directories. */
function isRecorded(text: string, { said, seen }: AgentSession, directories: Directories): boolean {
  const wanted = text.trim()
  if (wanted === '') return false
  const listed = (entry: string): boolean =>
    Object.values(directories).some((entries) => entries.some((each) => each.toLowerCase() === entry.trim().toLowerCase()))
  return (
    said.some((words) => words.includes(keptText(wanted))) ||
    seen.some((item) => item.trust === 'trusted' && item.text.includes(keptText(wanted))) ||
    wanted.split(/[\n,;]/).every(listed)
  )
}

/** What a page declared, with its trust: a word that something is the user's or the app's counts where the worker knows it to be. */
export const checkedSources = (session: AgentSession, sources: readonly Source[], directories: Directories): readonly Source[] =>
  sources.map((source) =>
    source.kind === 'untrusted' || isRecorded(source.text, session, directories) ? source : { ...source, kind: 'untrusted' as const },
  )

/** What an agent has read, by sources that were checked. `isUnseen`: it did not say, so it may have read anything. */
export const seeSources = (session: AgentSession, sources: readonly Source[], isUnseen: boolean): AgentSession =>
  sources
    .filter(({ kind }) => kind === 'untrusted')
    .reduce(
      (now, { id, text, by }) => {
        const kept = keptText(text)
        return see(now, { id: `source:${digestJson({ id, text: kept })}`, by: by ?? id, trust: 'untrusted', text: kept })
      },
      isUnseen ? { ...session, tainted: true } : session,
    )

/** What a governed action gave back to its agent, by the receipt that the worker wrote itself. */
export function seeReceipt(session: AgentSession, record: ReceiptRecord, declared: ActionDeclaration): AgentSession {
  const { result, call } = record
  if (result === undefined) return session
  const text = typeof result === 'string' ? result : canonical(result)
  const as = declaredAs(call.action, declared)
  const isWhole = text.length <= LIMITS.sourceCharsMax && isAppsStructure(as, declared.output)
  const secrets = secretValues(as, call.params, result, declared.confidential ?? [])
  return see(session, {
    id: record.id,
    by: declared.title ?? call.action,
    trust: trustOfOutput(as, declared.output, session.tainted),
    text: keptText(text),
    ...(isWhole ? { value: result } : {}),
    args: call.params,
    ...(secrets === true || secrets.length > 0 ? { secrets: secrets === true ? true : [...secrets] } : {}),
  })
}

/** Only what went beyond the request is kept, the oldest of it: that it happened is never forgotten. */
export const note = (session: AgentSession, action: string, rules: readonly string[]): AgentSession =>
  rules.length === 0 ? session : { ...session, past: [...session.past, { action, rules: [...rules] }].slice(0, LIMITS.policyPastMax) }

const UNSEEN = { id: 'unseen', by: 'something it has read', trust: 'untrusted', text: '' } as const

/** The session as policy judges it. */
export const judgedSession = (
  { tainted, said, seen, past }: AgentSession,
  { endorsed }: PolicyState,
  directories: Directories,
  isUnseen: boolean,
): Session => ({
  said,
  seen: (tainted && !seen.some(({ trust }) => trust === 'untrusted')) || isUnseen ? [...seen, UNSEEN] : seen,
  past,
  directories,
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
