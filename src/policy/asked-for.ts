import type { Does } from './declared.ts'
import { lower, nameParts, wordsOf } from './text.ts'
import { ACCOUNT_NOUNS, EITHER, MONEY_NOUNS, NEGATIONS, NOUN_BEFORE, PASS_ON, VERBS, type VerbKind } from './verb-words.ts'

/** What a user writes between quotation marks is somebody's text, not a request; a short quotation is a name. */
const QUOTED = /["“„«][^"“”„«»\n]{12,}?["”“»]|(?<![\p{L}\p{N}])['‘](?:[^'‘’\n]|(?<=\p{L})['’](?=\p{L})){12,}?['’](?![\p{L}\p{N}])/gu

const isWide = (word: string): boolean => /[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]/.test(word)

/** A list of words, made ready: whole ones, stems by their first letter, and those of scripts without spaces. */
type Ready = { readonly whole: ReadonlySet<string>; readonly stems: ReadonlyMap<string, readonly string[]>; readonly wide: readonly string[] }

const made = new WeakMap<readonly string[], Ready>()

function ready(entries: readonly string[]): Ready {
  const there = made.get(entries)
  if (there !== undefined) return there
  const stems = new Map<string, string[]>()
  for (const entry of entries) if (entry.endsWith('*')) stems.set(entry.slice(0, 1), [...(stems.get(entry.slice(0, 1)) ?? []), entry.slice(0, -1)])
  const list = { whole: new Set(entries), stems, wide: entries.filter(isWide) }
  made.set(entries, list)
  return list
}

const fits = (word: string, { whole, stems }: Ready): boolean =>
  whole.has(word) || (stems.get(word.slice(0, 1)) ?? []).some((stem) => word.startsWith(stem))

/** Where a word of the list stands and nobody says "not" within the three words before it. */
function places(text: string, words: readonly string[], entries: readonly string[]): readonly number[] {
  const list = ready(entries)
  const found = list.wide.some((entry) => text.includes(entry)) ? [-1] : []
  words.forEach((word, at) => {
    if (fits(word, list) && !words.slice(Math.max(0, at - 3), at).some((before) => NEGATIONS.has(before))) found.push(at)
  })
  return found
}

const NONE: readonly string[] = []

export type Request = {
  readonly kinds: ReadonlySet<VerbKind>
  readonly namesAccount: boolean
  readonly namesMoney: boolean
  /** The user asked for somebody else's words to be passed on: summarised, copied, forwarded. */
  readonly passesOn: boolean
}

/** What a user's own words ask for, as kinds of deeds. Words inside quotation marks ask for nothing. */
export function requestOf(said: readonly string[]): Request {
  const text = lower(said.join('\n').replace(QUOTED, ' '))
  const words = wordsOf(text)
  const has = (entries: readonly string[]): boolean => places(text, words, entries).length > 0
  const kinds = (Object.keys(VERBS) as VerbKind[]).filter(
    (kind) => has(VERBS[kind]) || places(text, words, EITHER[kind] ?? NONE).some((at) => at <= 0 || !NOUN_BEFORE.has(words[at - 1] ?? '')),
  )
  return { kinds: new Set(kinds), namesAccount: has(ACCOUNT_NOUNS), namesMoney: has(MONEY_NOUNS), passesOn: has(PASS_ON) }
}

/** The kinds of deed that a name itself speaks of: `share_file` shares. */
const kindsOfName = (name: string): readonly VerbKind[] => {
  const parts = nameParts(name)
  return (Object.keys(VERBS) as VerbKind[]).filter((kind) => parts.some((part) => fits(part, ready(VERBS[kind]))))
}

/** Did the user ask for an effect of this kind at all? An action's own verb counts for effects that can be taken back; for money, deletion and accounts it does not. */
export function isAskedFor(does: Does, name: string, { kinds, namesAccount, namesMoney }: Request): boolean {
  const own = (): boolean => kindsOfName(name).some((kind) => kind !== 'visit' && kind !== 'destroy' && kind !== 'pay' && kinds.has(kind))
  if (does === 'read') return true
  if (does === 'read-external') return kinds.has('visit')
  if (does === 'write') return kinds.has('make') || kinds.has('change') || own()
  if (does === 'send') return kinds.has('send') || own()
  if (does === 'money') return kinds.has('pay') || ((kinds.has('change') || kinds.has('send')) && namesMoney)
  if (does === 'destroy') return kinds.has('destroy')
  return namesAccount && (kinds.has('change') || kinds.has('make') || kinds.has('destroy'))
}
