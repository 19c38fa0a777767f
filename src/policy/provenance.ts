import type { Declared, Role } from './declared.ts'
import type { Known, SeenText } from './known.ts'
import { joined, type Integrity, type Label, type Span } from './label.ts'
import type { Leaf } from './leaves.ts'
import { meantBy } from './meant.ts'
import { hintsOf, isAbbreviated, isNumberSaid, isTextSaid, wholePlaces } from './said.ts'
import type { Seen } from './session.ts'
import { fold, lower, wordsOf } from './text.ts'

/** Places kept of one value. */
const SPANS_MAX = 8
/** A sentence is quoted to a person up to here. */
const QUOTE_CHARS_MAX = 240

function quoteAround(text: string, at: number): string {
  const from = Math.max(text.lastIndexOf('. ', at) + 1, text.lastIndexOf('\n', at) + 1, at - QUOTE_CHARS_MAX / 2, 0)
  const end = text.indexOf('. ', at)
  return text.slice(from, end < 0 ? from + QUOTE_CHARS_MAX : Math.min(end + 1, from + QUOTE_CHARS_MAX)).trim()
}

function spanIn({ seen, low, untrusted }: SeenText, wanted: string): Span | null {
  const at = wholePlaces(low, wanted)[0]
  if (at === undefined) return null
  const span = { source: seen.id, by: seen.by, from: at, to: at + wanted.length }
  return untrusted ? { ...span, quote: quoteAround(fold(seen.text), at) } : span
}

const inDirectory = (value: string, { session, said }: Known): boolean =>
  Object.values(session.directories ?? {}).some((entries) => entries.some((entry) => lower(entry) === value)) &&
  // Of all that a directory knows, only what the user spoke of: by its address, or by the name in it.
  (isTextSaid(said, value, []) || isNameSaid(value, said.low))

function isNameSaid(address: string, low: string): boolean {
  const told = new Set(wordsOf(low))
  const name = wordsOf((address.split('@')[0] ?? '').replace(/[._+-]+/g, ' '))
  return name.length > 0 && name.every((part) => part.length > 1 && told.has(part))
}

const isVouched = (value: string, { session }: Known): boolean => (session.endorsed ?? []).some((each) => lower(each.value) === value)

/** Whether a value is, or has in it, something confidential of this output. */
function isSecretOf({ secrets, text }: Seen, wanted: string): boolean {
  if (secrets === undefined || wanted === '') return false
  if (secrets === true) return wholePlaces(lower(text), wanted).length > 0
  return secrets.some((secret) => wholePlaces(wanted, lower(secret)).length > 0)
}

const label = (integrity: Integrity, spans: readonly Span[] = [], secret = false): Label => ({
  integrity,
  confidentiality: secret ? 'secret' : 'open',
  spans,
})

/**
 * Where one value comes from, and how far that can be trusted. What the agent made up itself is `derived` while only trusted words are in its session; once a
 * stranger's are, it is no better than theirs.
 */
export function labelOf({ param, value }: Leaf, role: Role, declared: Declared, known: Known): Label {
  const hints = hintsOf(param, declared.name)
  const text = String(value)
  const wanted = lower(text)
  const found = known.texts.flatMap((each) => {
    const span = wanted.length < 2 ? null : spanIn(each, wanted)
    return span === null ? [] : [{ span, from: each }]
  })
  const secret = role === 'secret' || known.texts.some(({ seen }) => isSecretOf(seen, wanted))
  // By name, so that it does not matter who spoke first.
  const spans = found
    .map(({ span }) => span)
    .toSorted((one, other) => (one.source < other.source ? -1 : 1))
    .slice(0, SPANS_MAX)
  const isNumber = typeof value === 'number' || (role === 'amount' && /^-?\d{1,15}(\.\d{1,9})?$/.test(text.trim()))
  const isSaid =
    (isNumber && role === 'amount' ? isNumberSaid(known.said, Number(text), hints) : isTextSaid(known.said, text, hints)) ||
    (role === 'amount' && isAbbreviated(known.said, wanted, param))
  if (isSaid || isVouched(wanted, known)) return label('user', spans, secret)
  if (inDirectory(wanted, known)) return label('directory', spans, secret)
  const meant = meantBy(text, param, known)
  if (meant !== null) return label(meant.untrusted ? 'app' : 'directory', spans, secret)
  const trusted = found.some(({ from }) => !from.untrusted)
  if (found.some(({ from }) => from.untrusted)) return label('untrusted', spans, secret)
  if (!known.tainted) return label(trusted ? 'app' : 'derived', spans, secret)
  return label('untrusted', spans, secret)
}

/** Several values that make one: the worst of them. */
export const labelOfAll = (labels: readonly Label[]): Label | null => (labels.length === 0 ? null : labels.reduce(joined))
