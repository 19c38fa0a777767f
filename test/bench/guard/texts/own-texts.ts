import { ASKS, GOALS, PRETEXTS, TASKS, WAYS, WHOLE } from './attacks.ts'
import { LANGUAGES } from './benign-languages.ts'
import { PEOPLE } from './benign-people.ts'
import { TECHNICAL } from './benign-technical.ts'
import { WORK } from './benign-work.ts'
import { WORLD } from './benign-world.ts'
import { expand, pick, seeded } from './expand.ts'

/** One text to learn from or to measure with. */
export type Sample = {
  readonly text: string
  readonly label: 0 | 1
  readonly source: string
  readonly kind: string
  /** Own texts: which template it came from, so that a template can be left out as a whole. */
  readonly template?: number
}

const KINDS: [string, readonly string[]][] = [
  ...Object.entries({ ...WORK, ...WORLD, ...TECHNICAL, ...LANGUAGES }).map(([kind, templates]): [string, readonly string[]] => [
    kind,
    [...templates, ...(PEOPLE[kind] ?? [])],
  ]),
  ['personal requests', PEOPLE['personal requests'] ?? []],
]
/** Kinds whose words are an attack's own words; the rest is plain. */
const PLAIN = new Set(['plain questions', 'news and reports', 'tool output', 'recipes', 'mail and newsletters', 'personal requests'])

/** Different texts of each template of a kind, with the template's number. */
function ofKind(templates: readonly string[], perTemplate: number, random: () => number): [string, number][] {
  return templates.flatMap((template, number) => {
    const texts = new Set(Array.from({ length: perTemplate }, () => expand(template, random)))
    return Array.from(texts, (text): [string, number] => [text, number])
  })
}

/** Pages: many texts one after the other, as mail boxes, lists of results and articles are. */
function longPages(texts: readonly string[], count: number, random: () => number): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: 3 + Math.floor(random() * 8) }, () => pick(random, texts)).join(pick(random, ['\n', '\n\n', '\n---\n', ' '])),
  )
}

/** Benign texts of our own writing: `perTemplate` for each template of each kind, and pairs of neighbours so that lengths vary. */
export function ownBenign(seed: number, perTemplate = 6): Sample[] {
  const random = seeded(seed)
  const all = KINDS.flatMap(([kind, templates]) => {
    const single = ofKind(templates, perTemplate, random)
    const joined = templates.map((_, number): [string, number] => {
      const same = single.filter(([, other]) => other % 4 === number % 4)
      return [`${pick(random, same)[0]}${pick(random, [' ', '\n', '\n\n'])}${pick(random, same)[0]}`, number]
    })
    const source = PLAIN.has(kind) ? 'own/plain' : 'own/hard'
    return [...single, ...joined].map(([text, template]): Sample => ({ text, label: 0, source, kind, template }))
  })
  const plain = all.filter(({ source }) => source === 'own/plain').map(({ text }) => text)
  const pages = longPages(plain, 200, random).map((text): Sample => ({ text, label: 0, source: 'own/plain', kind: 'long pages' }))
  return [...all, ...pages]
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** One attack without anything around it. */
function bareAttack(i: number, benign: readonly string[], random: () => number): string {
  const goal = (template: string): string => template.replace('GOAL', () => pick(random, GOALS)).replace('CARRIER', () => pick(random, benign))
  if (i % 3 === 0) return expand(pick(random, WHOLE), random)
  if (i % 6 === 1) return expand(random() < 0.3 ? pick(random, ASKS) : `${pick(random, PRETEXTS)} ${pick(random, ASKS)}`, random)
  if (i % 12 === 2) return expand(goal(pick(random, TASKS)), random)
  return sentence(expand(goal(pick(random, WAYS)), random))
}

/** Attacks of our own writing, bare and inside benign texts of every kind. */
export function ownAttacks(seed: number, count: number): Sample[] {
  const random = seeded(seed)
  const benign = KINDS.flatMap(([, templates]) => templates)
  return Array.from({ length: count }, (_, i): Sample => {
    const attack = bareAttack(i, benign, random)
    if (random() < 0.6) return { text: attack, label: 1, source: 'own/attack', kind: 'bare' }
    const carrier = expand(pick(random, benign), random)
    const cut = pick(random, [0, carrier.length, Math.max(0, carrier.indexOf('. ') + 1)])
    const gap = pick(random, [' ', '\n', '\n\n'])
    return { text: `${carrier.slice(0, cut)}${gap}${attack}${gap}${carrier.slice(cut)}`.trim(), label: 1, source: 'own/attack', kind: 'embedded' }
  })
}
