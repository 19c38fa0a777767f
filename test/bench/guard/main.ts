/** `npm run bench:guard -- --data FILE.jsonl --json`: scores texts with the guard as it ships. The last line of output is one JSON object. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { scoreText } from '../../../src/guard/score.ts'
import { GUARD_ONNX, GUARD_WEIGHTS } from '../../../src/guard/pins.ts'
import { benchFigures } from './figures.ts'
import { BadLine, parseRows } from './rows.ts'
import { shippedModel } from './shipped.ts'

const percent = (ratio: number | null): string => (ratio === null ? '–' : `${(100 * ratio).toFixed(1)} %`)

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, json: { type: 'boolean' } } })
  if (values.data === undefined) throw new Error('which texts? --data FILE.jsonl, one {"text", "label", "source"} a line')
  const rows = parseRows(await readFile(values.data, 'utf8'), values.data)
  const model = await shippedModel()
  const start = performance.now()
  const scored = rows.map(({ text, label, source }) => ({ label, source, score: scoreText(model, text).score }))
  const ms = performance.now() - start
  const figures = benchFigures(scored, model.threshold)
  console.error(
    `${rows.length} texts in ${ms.toFixed(0)} ms, ${(ms / Math.max(1, rows.length)).toFixed(2)} ms each; AUC ${figures.auc?.toFixed(3) ?? '–'}`,
  )
  console.error(`weights ${GUARD_WEIGHTS.bytes} bytes, as ONNX ${GUARD_ONNX.bytes} bytes; threshold ${model.threshold}`)
  for (const [source, { n, recall, specificity }] of Object.entries(figures.by_source))
    console.error(`  ${source}: ${n} texts, recall ${percent(recall)}, specificity ${percent(specificity)}`)
  if (values.json === true) console.log(JSON.stringify(figures))
}

try {
  await main()
} catch (error) {
  const known = error instanceof BadLine ? { code: error.code, line: error.line } : { code: 'GUARD_BENCH_FAILED' }
  console.error(JSON.stringify({ error: { ...known, message: error instanceof Error ? error.message : String(error) } }))
  process.exitCode = 1
}
