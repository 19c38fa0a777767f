/**
 * `npm run test:requirements -- --json`: every row of sections 0, 1 and 2 with the tests that hold it, run now (or taken from `--report FILE`, a Vitest
 * JSON report). `--break ID…|all` applies the breakers, each in a copy of the tree; each must turn its test red.
 * With `--json` the last line is one object; all else goes to standard error. Exit 1 when a row is neither held nor excused, or a breaker stays green.
 */
import { readFileSync } from 'node:fs'
import { applyBreaker, breakers } from './break.ts'
import type { Verdict } from './break.ts'
import { judgeRows, testsOf } from './held.ts'
import { ROOT, filesNaming, readReasons, rowIds } from './rows.ts'
import { runVitest } from './run-vitest.ts'

const argv = process.argv.slice(2)
const json = argv.includes('--json')
const after = (flag: string): readonly string[] => {
  const at = argv.indexOf(flag)
  const rest = at === -1 ? [] : argv.slice(at + 1)
  const end = rest.findIndex((word) => word.startsWith('--'))
  return end === -1 ? rest : rest.slice(0, end)
}
const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`)

const listRows = async (): Promise<boolean> => {
  const ids = rowIds()
  const [given] = after('--report')
  const report = given === undefined ? await runVitest(ROOT, filesNaming(new Set(ids))) : (JSON.parse(readFileSync(given, 'utf8')) as unknown)
  if (report === null) throw new Error('the tests gave no report')
  const rows = judgeRows(ids, testsOf(report), readReasons())
  const broken = new Map(breakers().flatMap(({ name, ids: named }) => named.map((id) => [id, name])))
  for (const { id, tests, held, reason } of rows) {
    say(
      `${held ? 'held   ' : tests.length > 0 ? 'FAILED ' : reason === null ? 'MISSING' : 'excused'}  ${id}${broken.has(id) ? `  breaker ${broken.get(id)}` : ''}${reason === null ? '' : `  ${reason}`}`,
    )
    for (const { file, title, status } of tests) say(`           ${status}  ${file}: ${title}`)
  }
  const missing = rows.filter(({ held }) => !held).map(({ id }) => id)
  const reasons = Object.fromEntries(rows.flatMap(({ id, held, reason }) => (held || reason === null ? [] : [[id, reason]])))
  const total = { total: rows.length, held: rows.length - missing.length, missing, reasons }
  process.stdout.write(
    `${json ? JSON.stringify(total) : `${total.held} of ${total.total} rows are held; without: ${missing.join(', ') || 'none'}`}\n`,
  )
  return rows.every(({ held, tests, reason }) => held || (tests.length === 0 && reason !== null))
}

const applyAll = async (asked: readonly string[]): Promise<boolean> => {
  const all = asked.length === 0 || asked.includes('all')
  const chosen = breakers().filter(({ ids, name }) => all || ids.some((id) => asked.includes(id)) || asked.includes(name.replace('.patch', '')))
  if (chosen.length === 0) throw new Error(`no breaker is for ${asked.join(', ')}`)
  const verdicts: Verdict[] = []
  for (const breaker of chosen) {
    for (const verdict of await applyBreaker(breaker)) {
      verdicts.push(verdict)
      say(`${verdict.red ? 'red  ' : 'GREEN'}  ${verdict.id}  ${verdict.breaker}: ${verdict.why}`)
    }
  }
  const green = verdicts.filter(({ red }) => !red)
  const without = all ? rowIds().filter((id) => !verdicts.some((one) => one.id === id)) : []
  const total = { breakers: chosen.length, red: verdicts.length - green.length, green: green.map(({ id }) => id), without }
  process.stdout.write(
    `${json ? JSON.stringify(total) : `${total.red} red, ${green.length} green; rows without a breaker: ${without.join(', ') || 'none'}`}\n`,
  )
  return green.length === 0
}

process.exitCode = (await (argv.includes('--break') ? applyAll(after('--break')) : listRows())) ? 0 : 1
