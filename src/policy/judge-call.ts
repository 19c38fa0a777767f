/**
 * The lane of one call of an agent, from whose words its values are, what the user asked for, and the policy.
 *
 * J1 Total and pure: any declaration, any JSON, any session gives a verdict; the same input the same one.
 * J2 Order-independent: the highest lane of all findings wins; no finding looks at another.
 * J3 A stranger's text, a forbid, a smaller budget can only add findings, never take one away.
 */
import { own } from '../base/own.ts'
import type { JsonObject } from '../base/json.ts'
import { LANES, type Lane } from '../protocol/views.ts'
import { isAskedFor } from './asked-for.ts'
import { doesOf, roleOf, type Declared, type Does, type Role } from './declared.ts'
import { isComposed, isDictated, strangersLink, strangersRun, unsaidCode } from './content-rules.ts'
import { grantFor, type Grant } from './grants.ts'
import { knownOf, type Known } from './known.ts'
import type { Label } from './label.ts'
import { leavesOf, type Leaf } from './leaves.ts'
import { amountIn, targetsIn } from './measures.ts'
import { EMPTY_POLICY, fitsName, type Policy } from './policy-data.ts'
import { labelOf } from './provenance.ts'
import { ruleFits } from './rule-fits.ts'
import type { Session } from './session.ts'
import { overdrawn, type Spending } from './spending.ts'
import { isStrangersTime } from './time-rules.ts'

/** One reason for a lane, in words a person understands. */
export type Finding = { readonly rule: string; readonly lane: Lane; readonly because: string; readonly param?: string; readonly quote?: string }

export type LabelledValue = Leaf & { readonly role: Role; readonly label: Label }

export type CallVerdict = {
  readonly lane: Lane
  readonly reasons: readonly string[]
  readonly findings: readonly Finding[]
  readonly values: readonly LabelledValue[]
  /** The remembered grant that took something back. */
  readonly grant: string | null
}

export type Call = {
  readonly id: string
  readonly agent: string
  readonly params: JsonObject
  /** Epoch ms, stamped at admission. */
  readonly at: number
  /** The agent's own, 0 to 1; none where it says none. */
  readonly confidence?: number | undefined
}

export type Context = { readonly policy?: Policy; readonly spending?: Spending; readonly grants?: readonly Grant[] }

/** What a remembered grant takes back. What a call says, and when, is looked at each time. */
const GRANTED: ReadonlySet<string> = new Set([
  ...['target', 'object', 'amount', 'secret'].map((role) => `strangers-${role}`),
  'not-asked-for',
  'detour',
])

/** The rule that says an agent has gone beyond its request; after it, everything asks. */
const UNASKED = 'not-asked-for'
/** Looking something up that nobody asked for is a detour, not yet an act. */
const DETOUR = 'detour'

const DEED: Readonly<Record<Does, string>> = {
  read: 'to read something',
  'read-external': 'to open a page outside',
  write: 'to write or change anything',
  send: 'to send or share anything',
  money: 'to spend or move money',
  destroy: 'to delete or cancel anything',
  account: 'to change an account',
}

const MEANING: Readonly<Record<Role, string>> = {
  target: 'where it goes',
  object: 'what it is done to',
  amount: 'how much',
  content: 'what it says',
  secret: 'the secret',
  time: 'when',
  detail: 'a detail',
}

const rank = (lane: Lane): number => LANES.indexOf(lane)
/** Words in a row that two people do not write by chance. */
const RUN_WORDS = 6

const isEmpty = ({ value }: Leaf): boolean => value === null || value === '' || typeof value === 'boolean'
const isText = (value: LabelledValue): boolean => typeof value.value === 'string'

function aboutValues(does: Does, values: readonly LabelledValue[], known: Known): readonly Finding[] {
  const found: Finding[] = []
  const ask = (rule: string, because: string, value?: LabelledValue): void => {
    const quote = value?.label.spans.find((span) => span.quote !== undefined)?.quote
    found.push({ rule, lane: 'RED', because, ...(value === undefined ? {} : { param: value.param }), ...(quote === undefined ? {} : { quote }) })
  }
  const isBinding = (value: LabelledValue): boolean =>
    does === 'account' ? value.role !== 'detail' : ['target', 'object', 'amount', 'secret'].includes(value.role)
  const binding = values.filter(isBinding)
  for (const value of binding.filter(({ label }) => label.integrity === 'untrusted')) {
    const who = value.label.spans.find((span) => span.quote !== undefined)?.by
    const by = who === undefined ? 'the assistant chose it after reading what others wrote' : `only ${who} said it`
    ask(`strangers-${value.role}`, `${MEANING[value.role]} (${value.param}) is not from you: ${by}`, value)
  }
  const contents = values.filter((value) => !isBinding(value) && value.role === 'content' && isText(value))
  const isSaid = ({ label }: LabelledValue): boolean => label.integrity === 'user'
  for (const value of contents.filter((each) => !isSaid(each))) {
    const link = strangersLink(String(value.value), known)
    if (link !== null) ask('strangers-link', `it would pass on "${link.slice(0, 120)}", which you did not mention`, value)
    const code = does === 'write' ? null : unsaidCode(String(value.value), known)
    if (code !== null) ask('code-leaves', `it would pass on a number or code ("${code.slice(0, 60)}") that you did not mention`, value)
    const run = known.request.passesOn ? null : strangersRun(String(value.value), RUN_WORDS, known)
    if (run !== null) ask('strangers-words', `it would pass on words that others wrote ("${run.slice(0, 120)}")`, value)
  }
  const name = contents[0]
  if (binding.length === 0 && name !== undefined && !isSaid(name) && !isComposed(String(name.value), known))
    ask('strangers-name', `what it is about (${name.param}) is not from you`, name)
  const times = values.filter(({ role }) => role === 'time').map(({ value }) => String(value))
  const strangers = known.texts.filter(({ untrusted }) => untrusted).map(({ low }) => low)
  if (isStrangersTime(times, known.said.low, strangers)) ask('strangers-time', 'the time is not the one you gave, but one that others wrote')
  if (binding.length === 0 && contents.length === 0) ask('strangers-choice', 'the assistant chose this after reading what others wrote')
  return found
}

/** What only stays here may say what strangers wrote, but not be one stranger's dictation from the first word to the last. */
const aboutNote = (values: readonly LabelledValue[], known: Known): readonly Finding[] =>
  values
    .filter((value) => isText(value) && value.label.integrity !== 'user' && isDictated(String(value.value), known))
    .map(({ param }) => ({ rule: 'strangers-words', lane: 'RED', because: 'somebody else dictated this, word for word', param }))

function secrets(does: Does, values: readonly LabelledValue[]): readonly Finding[] {
  const leaving =
    does === 'read' || does === 'write' ? [] : values.filter(({ role, label }) => role !== 'secret' && label.confidentiality === 'secret')
  return leaving.map(({ param }) => ({ rule: 'secret-leaves', lane: 'RED', because: `something confidential would leave (${param})`, param }))
}

function policyFindings(declared: Declared, does: Does, call: Call, known: Known, context: Context): readonly Finding[] {
  const { policy = EMPTY_POLICY, spending = [] } = context
  const subject = {
    action: declared.name,
    does,
    agent: call.agent,
    params: call.params,
    tainted: known.tainted,
    directories: known.session.directories ?? {},
  }
  const found: Finding[] = []
  const rules = policy.rules ?? []
  for (const { id, says, when, because } of rules)
    if (says !== 'permit' && ruleFits(when, subject))
      found.push({ rule: id, lane: says === 'forbid' ? 'BLOCKED' : says === 'ask' ? 'RED' : 'YELLOW', because })
  if (rules.some(({ says }) => says === 'permit') && !rules.some(({ says, when }) => says === 'permit' && ruleFits(when, subject)))
    found.push({ rule: 'not-permitted', lane: 'BLOCKED', because: 'no rule of the policy permits it' })
  if (policy.expires !== undefined && call.at >= policy.expires)
    found.push({ rule: 'policy-expired', lane: 'BLOCKED', because: 'the policy has expired' })
  const may = own(policy.agents ?? {}, call.agent)
  if (
    may &&
    (may.revoked === true || call.at >= (may.until ?? Infinity) || !fitsName(may.actions, declared.name) || may.does?.includes(does) === false)
  )
    found.push({ rule: 'beyond-capability', lane: 'BLOCKED', because: `${call.agent} may not do this` })
  if (policy.confidence !== undefined && !((call.confidence ?? 0) >= policy.confidence))
    found.push({ rule: 'unsure', lane: 'RED', because: 'the assistant is not sure enough of this' })
  const wanted = {
    id: call.id,
    action: declared.name,
    agent: call.agent,
    at: call.at,
    amount: amountIn(declared, call.params),
    targets: targetsIn(declared, call.params),
  }
  for (const { budget, lane, because } of overdrawn(policy.budgets ?? [], spending, wanted))
    found.push({ rule: `budget:${budget.id}`, lane, because })
  return found
}

export function judgeCall(declared: Declared, call: Call, session: Session, context: Context = {}): CallVerdict {
  const known = knownOf(session)
  const does = doesOf(declared)
  const { leaves, isComplete } = leavesOf(call.params)
  const values = leaves
    .filter((leaf) => !isEmpty(leaf))
    .map((leaf): LabelledValue => {
      const role = roleOf(declared, leaf.param)
      return { ...leaf, role, label: labelOf(leaf, role, declared, known) }
    })
  const all: Finding[] = [...policyFindings(declared, does, call, known, context), ...secrets(does, values)]
  if (does !== 'read') {
    if (declared.does === undefined) all.push({ rule: 'undeclared', lane: 'RED', because: 'the app has not said what this does' })
    if (!isComplete) all.push({ rule: 'too-much', lane: 'RED', because: 'it has more values than can be checked' })
    // What nobody but the user and the app could have set off, and stays in the app, is not asked about.
    const goesOut = (does !== 'read-external' && does !== 'write') || known.tainted
    if (goesOut && !isAskedFor(does, declared.name, known.request))
      all.push({ rule: does === 'read-external' ? DETOUR : UNASKED, lane: 'RED', because: `you did not ask the assistant ${DEED[does]}` })
    if (known.tainted) {
      const isKept = does === 'write' && declared.stays === true
      all.push(...(isKept ? aboutNote(values, known) : aboutValues(does, values, known)))
      if (!isKept && session.past.some(({ rules }) => rules.includes(UNASKED)))
        all.push({ rule: 'after-overreach', lane: 'RED', because: 'in this session the assistant has tried something that you did not ask for' })
    }
  }
  const grant = grantFor(context.grants ?? [], declared, call)
  const found = grant === null ? all : all.filter(({ rule }) => !GRANTED.has(rule))
  const lane = found.reduce<Lane>((highest, each) => (rank(each.lane) > rank(highest) ? each.lane : highest), 'GREEN')
  const reasons = [...new Set(found.filter((each) => each.lane === lane).map(({ because }) => because))].toSorted()
  return {
    lane,
    reasons: lane === 'GREEN' ? ['you asked for this, with these values'] : reasons,
    findings: found,
    values,
    grant: found.length < all.length ? (grant?.id ?? null) : null,
  }
}
