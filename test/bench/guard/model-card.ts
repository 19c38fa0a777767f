import type { GuardModel } from '../../../src/guard/model.ts'
import type { ModelFile } from '../../../src/guard/model-file.ts'
import { isHard, isPlain } from './choose-threshold.ts'
import { aucOf, figuresOf } from './figures.ts'
import type { Held } from './leave-out.ts'
import type { Row } from './rows.ts'
import type { Sample } from './texts/own-texts.ts'

type Card = {
  readonly model: GuardModel
  readonly held: readonly Held[]
  readonly kinds: readonly Held[]
  readonly rows: readonly Row[]
  readonly own: readonly Sample[]
  readonly pins: readonly ModelFile[]
}

const percent = (ratio: number | null): string => (ratio === null ? '–' : `${(100 * ratio).toFixed(1)} %`)
const line = (name: string, held: readonly Held[], threshold: number): string => {
  const { n, positives, recall, specificity } = figuresOf(held, threshold)
  return `| ${name} | ${n} | ${positives} | ${percent(recall)} | ${percent(specificity)} | ${aucOf(held)?.toFixed(3) ?? '–'} |`
}

const HEAD = '| texts | n | attacks | recall | specificity | AUC |\n|---|--:|--:|--:|--:|--:|'

/** What a reader must know before trusting the score: `public/models/GUARD.md`. */
export function modelCard({ model, held, kinds, rows, own, pins }: Card): string {
  const { threshold } = model
  const outside = held.filter(({ source }) => !source.startsWith('own/'))
  const groups = [...new Set(outside.map(({ source, kind }) => `${source}, ${kind}`))].sort()
  const english = outside.filter(({ source }) => !source.includes('multilingual'))
  const ownBenign = own.filter(({ label }) => label === 0)
  return `# The guard's model

Written by \`npm run guard:train\`; change the script, not this file.

**What it does.** Gives a text between 0 and 1: how much its worst passage looks like words meant to steer an agent. In MAESTRO the score of an
untrusted source or of a content parameter may raise a lane (from ${threshold.toFixed(2)} to YELLOW, from ${model.certain.toFixed(2)} to RED) and never lowers one. It decides nothing alone:
labels, roles, budgets and binding do (a text scorer misses what is worded as an ordinary request).

**How.** The text is normalised (NFKC, invisible and bidirectional characters, HTML entities, percent and backslash escapes, base64, look-alikes, spaced
letters), cut into windows of 480 characters, and each window's words, word pairs, four-letter groups and concepts (a lexicon in two dozen
languages) are hashed into ${model.weights.length} places with one signed byte each. Logistic regression with L2, averaged over steps and three seeds.

| file | bytes | SHA-256 |
|---|--:|---|
${pins.map(({ file, bytes, sha256 }) => `| ${file} | ${bytes} | \`${sha256}\` |`).join('\n')}

The ONNX form takes the hashed features of one window (\`index\` int64, \`value\` float32) and gives the same \`score\`.

## Data

${rows.length} rows that their licences allow to train on (MIT and Apache-2.0: deepset prompt-injections, CyberSecEval, BIPIA, AgentDojo, tau-bench), read from a folder and not
kept in the project. Texts of our own, in \`test/bench/guard/texts\`: ${ownBenign.length} benign ones of ${new Set(ownBenign.map(({ kind }) => kind)).size} kinds in 20 languages (${ownBenign.filter(({ source }) => source === 'own/hard').length} of them hard: made of an
attack's own words), from templates, and ${own.length - ownBenign.length} attacks, bare and inside benign texts.

## Results, every text scored by a model that never saw its family of sources

Sources of one family (translations, halves of one benchmark) are left out together; our own benign texts are scored without a quarter of the templates
at a time. The threshold, ${threshold.toFixed(2)}, is the lowest at which 80 % of the hard and 90 % of the plain benign texts of this table pass; it ships with the
model and is fitted to nothing else. The attack texts of our own were extended after looking at which kinds of attack were missed: read the recall as a little too good.

${HEAD}
${line('**outside sources, all**', outside, threshold)}
${line('**outside sources, without the translated set**', english, threshold)}
${line('hard benign', held.filter(isHard), threshold)}
${line('plain benign', held.filter(isPlain), threshold)}
${groups
  .map((group) =>
    line(
      group,
      outside.filter(({ source, kind }) => `${source}, ${kind}` === group),
      threshold,
    ),
  )
  .join('\n')}
${line(
  'own, hard benign (template unseen)',
  held.filter(({ source }) => source === 'own/hard'),
  threshold,
)}
${line(
  'own, plain benign (template unseen)',
  held.filter(({ source }) => source === 'own/plain'),
  threshold,
)}
${line(
  'own, hard benign (whole kind or language unseen)',
  kinds.filter(({ source }) => source === 'own/hard'),
  threshold,
)}

## Limits

- A bare task ("translate the next paragraph") that is an attack only because of where it stands is mostly missed.
- Weakest where it knows neither the language nor its alphabet; strongest in English and German.
- Stories, class-room tasks and articles that quote attacks are flagged more often than other benign texts: a person is asked, nothing is refused.
- Whoever knows the weights can write past them. That is why the score can only add caution.
`
}
