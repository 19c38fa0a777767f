import { requestOf, type Request } from './asked-for.ts'
import { thingsIn, type Thing } from './records.ts'
import { saidOf, type Said } from './said.ts'
import { isTainted, isUntrusted, type Seen, type Session } from './session.ts'
import { lower, spoken, wordsOf } from './text.ts'

export type SeenText = {
  readonly seen: Seen
  readonly low: string
  readonly words: readonly string[]
  readonly untrusted: boolean
  readonly things: readonly Thing[]
}

/** What the user called a thing: by its whole name, or by words that its name contains. */
export type SpokenName = { readonly name: string; readonly isWhole: boolean }

/** A session, prepared once for the questions that are put to it. */
export type Known = {
  readonly session: Session
  readonly said: Said
  readonly request: Request
  readonly tainted: boolean
  readonly texts: readonly SeenText[]
  /** The user's words, and those among them that are capitalised or quoted: names, by the look of them. */
  readonly told: ReadonlySet<string>
  readonly tolds: string
  readonly titles: ReadonlySet<string>
  /** What was looked up already. */
  readonly phrases: Map<SeenText, readonly string[]>
  readonly spoken: Map<Thing, SpokenName | null>
}

const prepared = new WeakMap<Seen, SeenText>()

function prepare(seen: Seen): SeenText {
  const there = prepared.get(seen)
  if (there !== undefined) return there
  const low = lower(seen.text)
  const made = { seen, low, words: wordsOf(low), untrusted: isUntrusted(seen), things: thingsIn(seen.value) }
  prepared.set(seen, made)
  return made
}

const TITLE = /(?<![\p{L}\p{N}])(?:["'“‘][\p{L}\p{N}]+|\p{Lu}[\p{L}\p{N}]+)(?![\p{L}\p{N}])/gu

export function knownOf(session: Session): Known {
  const said = saidOf(session.said)
  return {
    session,
    said,
    request: requestOf(session.said),
    tainted: isTainted(session),
    texts: session.seen.map(prepare),
    told: new Set(wordsOf(said.low)),
    tolds: ` ${spoken(said.text)} `,
    titles: new Set([...said.text.matchAll(TITLE)].map(([word]) => spoken(word))),
    phrases: new Map(),
    spoken: new Map(),
  }
}
