import type { Status } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import type { IconName } from '../dom/icon.ts'
import { describeAction } from '../parts/describe-action.ts'
import { handleOutcome } from '../parts/handle-outcome.ts'
import type { HandleOutcome } from '../parts/handle-outcome.ts'
import type { Step } from './plan.ts'
import type { Governed } from './run.ts'
import { triedWords } from './tried.ts'

export type Transcript = {
  readonly element: HTMLElement
  begin(request: string): void
  step(step: Step): Promise<void>
  governed(governed: Governed): void
  end(): void
  fail(reason: string): void
}

/** Long enough to follow with the eye. */
const PACE_MS = 420

const pause = (): Promise<void> => {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden
  return new Promise((resolve) => setTimeout(resolve, calm ? 0 : PACE_MS))
}

/** The assistant's work as it happens: what it thinks, reads and asks for, and what became of each call. */
export const transcript = (app: App): Transcript => {
  const list = h('ol', { class: 'steps' })
  const summary = h('p', { class: 'summary' })
  const element = h('section', { class: 'transcript', hidden: true }, h('h2', {}, 'What the assistant does'), list, summary)
  let outcomes: HandleOutcome[] = []
  let tells: (() => void)[] = []
  let slot: HTMLElement | null = null

  const add = (kind: string, name: IconName, ...children: readonly (Node | string | null)[]): HTMLElement => {
    const main = h('div', { class: 'step-main' }, ...children)
    list.append(h('li', { class: 'step', 'data-kind': kind }, h('span', { class: 'step-icon' }, icon(name)), main))
    return main
  }
  const sum = (): void => {
    const counts = new Map<Status, number>()
    for (const outcome of outcomes) counts.set(outcome.status(), (counts.get(outcome.status()) ?? 0) + 1)
    const words = [...counts].map(([status, count]) => `${count} ${status}`).join(', ')
    summary.textContent = `${outcomes.length} ${outcomes.length === 1 ? 'call' : 'calls'} so far: ${words === '' ? 'none governed' : words}.`
  }
  const asks = ({ ask, from }: Extract<Step, { kind: 'asks' }>): void => {
    const words = describeAction(ask.action, ask.params)
    const shown = Object.entries(ask.params).flatMap(([name, value]) => [
      h('dt', {}, name),
      h('dd', {}, Array.isArray(value) ? value.join(', ') : String(value)),
    ])
    slot = h('div', { class: 'step-outcome' })
    const main = add(
      'asks',
      words.icon,
      h('p', { class: 'step-title' }, 'Asks for ', h('code', {}, ask.action)),
      h(
        'p',
        { class: 'said' },
        from === null ? h('span', { class: 'tag calm' }, 'you said') : h('span', { class: 'tag edited' }, `${from.name} wrote`),
        h('q', {}, ask.because),
      ),
      h('dl', { class: 'params' }, ...shown),
      slot,
    )
    main.classList.add('card')
  }
  return {
    element,
    begin: (request) => {
      for (const outcome of outcomes) outcome.stop()
      for (const stop of tells) stop()
      tells = []
      outcomes = []
      list.replaceChildren()
      summary.textContent = ''
      element.hidden = false
      add('request', 'user', h('p', { class: 'step-title' }, 'You ask'), h('p', { class: 'bubble' }, request))
      element.scrollIntoView({ block: 'start' })
    },
    step: async (step) => {
      await pause()
      if (step.kind === 'thinks') add('thinks', 'thinks', h('p', {}, step.text))
      else if (step.kind === 'reads') add('reads', 'reads', h('p', {}, 'Reads ', h('strong', {}, step.message.subject), ` from ${step.message.name}`))
      else asks(step)
    },
    governed: ({ step, handle }) => {
      const outcome = handleOutcome(app, handle)
      outcomes.push(outcome)
      outcome.onChange(sum)
      slot?.append(outcome.element)
      const { from } = step
      if (from !== null && slot !== null) {
        const tried = h('p', { class: 'tried', role: 'note' })
        slot.append(tried)
        const tell = (): void => {
          const receipt = app.live.receipt(handle.key)
          tried.textContent = receipt === null ? '' : triedWords(from, receipt)
        }
        tells.push(app.live.watch(tell))
        tell()
      }
      sum()
    },
    end: () => {
      add('ends', 'ends', h('p', {}, 'That is all. What you see above stays live.'))
      app.announce(`The assistant is finished. ${summary.textContent ?? ''}`)
    },
    fail: (reason) => void add('fails', 'warning', h('p', {}, `The assistant had to stop: ${reason}`)),
  }
}
