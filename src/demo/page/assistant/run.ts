import type { Handle } from '../../../client/api.ts'
import type { App } from '../app/app.ts'
import { notesOf } from './notes.ts'
import type { Step } from './plan.ts'

export type Governed = { readonly step: Extract<Step, { kind: 'asks' }>; readonly handle: Handle }

export type RunOptions = {
  /** The user's own words: what the worker takes the assistant's task to be. */
  readonly request: string
  readonly steps: readonly Step[]
  /** Called before each step, so that it can be shown; waits for it. */
  readonly onStep: (step: Step) => Promise<void>
  readonly onGoverned: (governed: Governed) => void
  readonly signal: AbortSignal
}

/** Lets the assistant work on a new request: each call goes through its own capability, with everything it has read so far as sources. */
export const run = async (app: App, { request, steps, onStep, onGoverned, signal }: RunOptions): Promise<void> => {
  const assistant = await app.client.agent('assistant')
  await app.client.command('prompt', { agent: 'assistant', text: request, begins: true })
  const notes = notesOf(app.memory, request)
  notes.begins()
  for (const step of steps) {
    if (signal.aborted) return
    notes.step(step)
    await onStep(step)
    if (step.kind !== 'asks' || signal.aborted) continue
    const who = step.from === null ? 'You asked for it' : `The message "${step.from.subject}" from ${step.from.name} asked for it`
    const { action, params, because } = step.ask
    const handle = await assistant.execute(action, params, { sources: step.sources, reason: `${who}: ${because}` })
    notes.governed(step, handle)
    onGoverned({ step, handle })
  }
  notes.ends()
}
