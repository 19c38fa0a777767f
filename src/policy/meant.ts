import type { Known, SeenText, SpokenName } from './known.ts'
import { leavesOf } from './leaves.ts'
import type { Thing } from './records.ts'
import { hintsOf, isTextSaid } from './said.ts'
import { lower, nameParts, spoken } from './text.ts'

/** Shorter names are everyday words more often than names. */
const NAME_CHARS_MIN = 4

/** The words a user found a thing with: arguments of the read that are the user's own. */
function searchedFor(from: SeenText, known: Known): readonly string[] {
  const there = known.phrases.get(from)
  if (there !== undefined) return there
  const phrases = leavesOf(from.seen.args ?? {})
    .leaves.flatMap(({ param, value }) => (typeof value === 'string' && isTextSaid(known.said, value, hintsOf(param, '')) ? [spoken(value)] : []))
    .filter((phrase) => phrase.length > NAME_CHARS_MIN)
  known.phrases.set(from, phrases)
  return phrases
}

/** "The one starting with North": a capitalised or quoted word of the user's that begins a listed name of a few words. */
function beginning(name: string, { titles }: Known): string | null {
  const [first, ...rest] = spoken(name).split(' ')
  const isName = first !== undefined && first.length > NAME_CHARS_MIN && rest.length > 0 && rest.length <= 3 && !/[@/:]|\.\p{L}/u.test(name)
  return isName && titles.has(first) ? first : null
}

function findName(thing: Thing, from: SeenText, known: Known): SpokenName | null {
  for (const name of thing.names) {
    if (name.length >= NAME_CHARS_MIN && isTextSaid(known.said, name, [])) return { name: spoken(name), isWhole: true }
    const words = spoken(name)
    if (words.length > NAME_CHARS_MIN && words.includes(' ') && known.tolds.includes(` ${words} `)) return { name: words, isWhole: true }
    const phrase = thing.isPlain ? beginning(name, known) : searchedFor(from, known).find((wanted) => ` ${words} `.includes(` ${wanted} `))
    if (phrase !== undefined && phrase !== null) return { name: phrase, isWhole: false }
  }
  return null
}

/** The name by which the user spoke of a thing; `null` when they did not. */
function spokenName(thing: Thing, from: SeenText, known: Known): SpokenName | null {
  const there = known.spoken.get(thing)
  if (there !== undefined) return there
  const name = findName(thing, from, known)
  known.spoken.set(thing, name)
  return name
}

/** The lists of a thing that the user named along with it ("the same participants as …"), where the parameter has that name too. */
function namedLists(thing: Thing, param: string, known: Known): readonly string[] {
  const wanted = nameParts(param).join(' ')
  return [...thing.lists].flatMap(([key, values]) =>
    nameParts(key).join(' ') === wanted && nameParts(key).every((part) => known.told.has(part)) ? values : [],
  )
}

/**
 * Whether the user spoke of the thing that this value belongs to: its name is in the user's own words, the value is the id that the app gave it or stands in a list
 * of it that the user named (in a trusted output: any of its values), and nothing else that was seen answers to that name.
 */
export function meantBy(value: string, param: string, known: Known): SeenText | null {
  const wanted = lower(value)
  const has = (thing: Thing, { untrusted }: SeenText): boolean =>
    (untrusted ? [...thing.ids, ...namedLists(thing, param, known)] : thing.values).some((each) => each.toLowerCase() === wanted)
  const tells = ({ values }: Thing): boolean => values.some((each) => each.toLowerCase() === wanted)
  for (const text of known.texts) {
    for (const thing of text.things) {
      if (!has(thing, text)) continue
      const mine = spokenName(thing, text, known)
      if (mine === null) continue
      // A whole name outdoes a name that only contains the words; of two alike neither is meant.
      const isRival = (name: SpokenName | null): boolean => name !== null && name.name === mine.name && (name.isWhole || !mine.isWhole)
      const isAlone = known.texts.every((other) => other.things.every((each) => !isRival(spokenName(each, other, known)) || tells(each)))
      if (isAlone) return text
    }
  }
  return null
}
