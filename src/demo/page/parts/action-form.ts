import type { JsonObject } from '../../../base/json.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { field } from './field.ts'
import type { FieldOptions } from './field.ts'
import { handleOutcome } from './handle-outcome.ts'
import type { HandleOutcome } from './handle-outcome.ts'

export type ActionFormOptions = {
  readonly action: string
  readonly label: string
  readonly submit: string
  readonly fields: readonly FieldOptions[]
  readonly params: (values: (name: string) => string) => JsonObject
  /** The app's own path while MAESTRO is off. */
  readonly fallback?: (params: JsonObject) => unknown
}

export type ActionForm = { readonly element: HTMLFormElement; set(name: string, value: string): void }

/** A form that asks for one action by hand. Asking again after a lost answer uses the same key, so it cannot double. */
export const actionForm = (app: App, { action, label, submit, fields, params, fallback }: ActionFormOptions): ActionForm => {
  const made = new Map(fields.map((options) => [options.name, field(options)]))
  const outcome = h('div', { class: 'form-outcome' })
  const button = h('button', { type: 'submit', class: 'button primary' }, submit)
  let open: { readonly call: string; readonly key: string } | null = null
  let shown: HandleOutcome | null = null
  const ask = async (): Promise<void> => {
    const wanted = params((name) => made.get(name)?.control.value.trim() ?? '')
    const call = JSON.stringify(wanted)
    const key = open?.call === call ? open.key : crypto.randomUUID()
    open = { call, key }
    button.disabled = true
    const handle = await app.client.execute(action, wanted, fallback === undefined ? { key } : { key, fallback: () => fallback(wanted) })
    button.disabled = false
    shown?.stop()
    shown = handleOutcome(app, handle)
    outcome.replaceChildren(shown.element)
    const refused = handle.failure
    const wrong = refused?.field === undefined ? undefined : made.get(refused.field.split('.')[0] ?? '')
    for (const each of made.values()) each.fault(each === wrong ? (refused?.message ?? null) : null)
    if (refused !== undefined) app.announce(`${submit}: ${handle.status}. ${refused.message}`)
    wrong?.control.focus()
    if (refused?.retry === 'later') return
    open = null
    if (refused === undefined) element.reset()
  }
  const element = h(
    'form',
    {
      class: 'card form',
      autocomplete: 'off',
      novalidate: true,
      'aria-label': label,
      onsubmit: (event) => {
        event.preventDefault()
        void ask()
      },
    },
    ...[...made.values()].map((each) => each.element),
    h('div', { class: 'row' }, button, outcome),
  )
  return {
    element,
    set: (name, value) => {
      const found = made.get(name)
      if (found !== undefined) found.control.value = value
    },
  }
}
