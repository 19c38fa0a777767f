import type { Tier } from '../../../memory/index.ts'
import type { Failure } from '../../../protocol/failure.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { field } from '../parts/field.ts'
import type { Field } from '../parts/field.ts'
import { memoryList, type Forget } from './memory-list.ts'

const CORE = 'Core: until I forget it'
const WORKING = 'Working: for one day'
const TIERS: Readonly<Record<string, Tier>> = { [CORE]: 't1', [WORKING]: 't2' }

const form = (label: string, submit: string, fields: readonly Field[], send: () => Promise<void>, look = ''): HTMLFormElement =>
  h(
    'form',
    {
      class: 'memory-form',
      autocomplete: 'off',
      'aria-label': label,
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    ...fields.map(({ element }) => element),
    h('div', { class: 'row' }, h('button', { type: 'submit', class: `button ${look}` }, submit)),
  )

const textOf = ({ control }: Field): string => control.value.trim()
const why = (error: Failure): string => `This did not work: ${error.message}.`

/** Something to remember, in a person's own words. Pressing the button is the confirmation that T1 asks for. */
export const addForm = ({ memory: { tiers }, announce }: App, changed: () => void): HTMLElement => {
  const text = field({ name: 'memory-text', label: 'What to remember', placeholder: 'I prefer morning meetings' })
  const tier = field({ name: 'memory-tier', label: 'For how long', options: [CORE, WORKING] })
  const about = field({ name: 'memory-about', label: 'About whom (optional)', hint: 'Everything about one name can be forgotten at once.' })
  const made = form(
    'Remember something',
    'Remember',
    [text, tier, about],
    async () => {
      const value = textOf(text)
      if (value === '') return text.fault('Write something first.')
      const subject = textOf(about)
      const how = { confirmed: true, ...(subject === '' ? {} : { subject }) }
      const kept = await tiers.put(TIERS[tier.control.value] ?? 't1', crypto.randomUUID(), value, how)
      text.fault(kept.ok ? null : why(kept.error))
      if (!kept.ok) return
      made.reset()
      announce(kept.value.durability === 'durable' ? 'Remembered, and safe on the disk' : 'Remembered while this browser runs')
      changed()
    },
    'primary',
  )
  return made
}

/** Search over all tiers. */
export const searchForm = ({ memory: { tiers }, announce }: App, forget: Forget): { readonly element: HTMLElement; refresh(): Promise<void> } => {
  const query = field({ name: 'memory-query', label: 'Search the memory', placeholder: 'meetings' })
  const found = memoryList('Found', forget)
  let asked = ''
  const refresh = async (): Promise<string> => {
    const answer = asked === '' ? null : await tiers.search(asked)
    const items = answer?.ok ? answer.value : []
    found.show(items)
    if (answer === null) return ''
    return !answer.ok ? why(answer.error) : items.length === 0 ? `Nothing found for “${asked}”.` : `${items.length} found for “${asked}”.`
  }
  const result = h('p', { class: 'hint' })
  const show = async (): Promise<void> => {
    result.textContent = await refresh()
  }
  const made = form('Search', 'Search', [query], async () => {
    asked = textOf(query)
    await show()
    announce(result.textContent ?? '')
  })
  return { element: h('div', { class: 'memory-tier' }, made, result, found.element), refresh: show }
}

/** Everything about one name, gone at once: its key is destroyed, so no copy opens any more. */
export const forgetForm = ({ memory: { tiers }, announce }: App, changed: () => void): HTMLElement => {
  const about = field({
    name: 'memory-forget',
    label: 'Forget everything about',
    hint: 'Its key is destroyed: no copy opens any more, wherever it is.',
  })
  const made = form(
    'Forget a name',
    'Forget all',
    [about],
    async () => {
      const subject = textOf(about)
      if (subject === '') return about.fault('Write the name first.')
      const gone = await tiers.forget(subject)
      about.fault(gone.ok ? null : why(gone.error))
      if (!gone.ok) return
      made.reset()
      announce(gone.value.removed === 0 ? `Nothing was known about ${subject}` : `All about ${subject} is forgotten`)
      changed()
    },
    'danger',
  )
  return made
}
