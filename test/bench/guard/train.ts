/**
 * `npm run guard:train -- --data DIR`: makes the guard's weights in both forms, their pins and their model card, from the trainable rows of a
 * folder and texts of our own. The same data gives the same files.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { digestBytes } from '../../../src/base/digest.ts'
import { encodeModel } from '../../../src/guard/model.ts'
import type { ModelFile } from '../../../src/guard/model-file.ts'
import { chooseThreshold } from './choose-threshold.ts'
import { prepare } from './fit.ts'
import { leaveOut, train, weightsFor } from './leave-out.ts'
import { modelCard } from './model-card.ts'
import { writeOnnx } from './onnx-writer.ts'
import { quantise } from './quantise.ts'
import { readFolder } from './rows.ts'
import { MODELS } from './shipped.ts'
import { ownAttacks, ownBenign } from './texts/own-texts.ts'

const PINS = fileURLToPath(new URL('../../../src/guard/pins.ts', import.meta.url))

const pinsFile = (weights: ModelFile, onnx: ModelFile): string => `import type { ModelFile } from './model-file.ts'

/** Written by \`npm run guard:train\`, together with the files. */
const pin = (file: string, sha256: string, bytes: number): ModelFile => ({ file, sha256, bytes })

export const GUARD_WEIGHTS = pin('${weights.file}', '${weights.sha256}', ${weights.bytes})
export const GUARD_ONNX = pin('${onnx.file}', '${onnx.sha256}', ${onnx.bytes})
`

const { values } = parseArgs({ options: { data: { type: 'string' } } })
if (values.data === undefined) throw new Error('which data? --data DIR, a folder with .jsonl files')
const rows = (await readFolder(values.data)).filter(({ trainable }) => trainable)
const own = [...ownBenign(1), ...ownAttacks(2, 3500)]
console.error(`${rows.length} trainable rows, ${own.length} texts of our own`)
const samples = [...rows, ...own].map(prepare)

const { held, kinds } = leaveOut(samples, (line) => console.error(line))
const threshold = chooseThreshold(held, 0.8, 0.9)
const certain = Math.max(threshold, chooseThreshold(held, 0.96, 0.985))
const model = quantise(train(samples, weightsFor(samples)), threshold, certain)

const files = [
  ['guard.bin', encodeModel(model)],
  ['guard.onnx', writeOnnx(model)],
] as const
const pins: ModelFile[] = []
for (const [file, bytes] of files) {
  await writeFile(`${MODELS}${file}`, bytes)
  pins.push({ file, sha256: digestBytes(bytes), bytes: bytes.length })
}
const [weights, onnx] = pins as [ModelFile, ModelFile]
await writeFile(`${MODELS}models.json`, `${JSON.stringify({ models: pins }, null, 2)}\n`)
await writeFile(PINS, pinsFile(weights, onnx))
await writeFile(`${MODELS}GUARD.md`, modelCard({ model, held, kinds, rows, own, pins }))
console.error(`threshold ${threshold}, certain ${certain}`)
