import type { Handle } from '../../../client/api.ts'
import type { DemoMemory } from '../app/memory.ts'
import { describeAction } from '../parts/describe-action.ts'
import type { Step } from './plan.ts'

const LINE_MAX = 90

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > LINE_MAX ? `${line.slice(0, LINE_MAX - 1)}…` : line
}

/** What the assistant remembers of its work: what it is at, and each call it made with what came of it. */
export const notesOf = (memory: DemoMemory, request: string) => ({
  begins: (): void => memory.doing(`Working on “${short(request)}”`),
  step: (step: Step): void => {
    if (step.kind === 'reads') memory.doing(`Reading “${short(step.message.subject)}” from ${step.message.name}`)
  },
  governed: ({ ask, from }: Extract<Step, { kind: 'asks' }>, handle: Handle): void => {
    const { title, detail } = describeAction(ask.action, ask.params)
    const what = short(detail === '' ? title : `${title}, ${detail}`)
    const first = handle.status
    memory.did(`Asked for: ${what}. ${from === null ? 'You wanted it' : `A message from ${from.name} said so`}. So far: ${first}`)
    void handle.settled.then(({ status }) => status !== first && memory.did(`${what}: ${status}`))
  },
  ends: (): void => memory.doing(`Finished “${short(request)}”`),
})
