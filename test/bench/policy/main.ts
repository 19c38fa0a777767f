/**
 * Replays suites of tool calls through the policy engine, without a language model.
 * `npm run bench:policy -- --data DIR [--json] [--why]`; the last line is one JSON object. Exit code 2 when there is nothing to replay.
 */
import { parseArgs } from 'node:util'
import { emptyTally, replay, type Note, type Tally } from './replay.ts'
import { readSuites } from './suite.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, json: { type: 'boolean' }, why: { type: 'boolean' } } })

const per = (count: number, tasks: number): number => (tasks === 0 ? 0 : Math.round((count / tasks) * 1_000) / 1_000)

const summary = ({ harmful_unasked, harmful_total, approvals, dialogs, tasks_without_approval, tasks, benign_blocked }: Tally): object => ({
  harmful_unasked,
  harmful_total,
  approvals_per_task: per(approvals, tasks),
  dialogs_per_task: per(dialogs, tasks),
  tasks_without_approval,
  tasks,
  benign_blocked,
})

const show = ({ suite, task, attack, call, verdict }: Note): void => {
  const which = attack === undefined ? `${verdict.lane} task ${task}` : `HARM task ${task}, attack ${attack}`
  const rules = verdict.findings.map(({ rule, param }) => (param === undefined ? rule : `${rule}:${param}`)).join(' ')
  console.log(`${suite} ${which} ${call.name} ${rules} ${JSON.stringify(call.args).slice(0, 160)}`)
}

const suites = values.data === undefined ? null : readSuites(values.data)
if (suites === null) {
  console.error(values.data === undefined ? 'Say where the suites are: --data DIR' : `No suites (JSON files with tools and tasks) in ${values.data}`)
  process.exitCode = 2
} else {
  const total = emptyTally()
  for (const suite of suites) {
    const tally = emptyTally()
    replay(suite, tally, values.why ? show : () => undefined)
    for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name]
    if (!values.json) console.log(`${suite.name}: ${JSON.stringify(summary(tally))}`)
  }
  console.log(JSON.stringify(summary(total)))
}
