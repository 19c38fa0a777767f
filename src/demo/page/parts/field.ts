import { h } from '../dom/h.ts'

export type FieldOptions = {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'datetime-local' | 'password'
  readonly rows?: number
  readonly options?: readonly string[]
  readonly value?: string
  readonly placeholder?: string
  readonly inputmode?: string
}

export type Field = {
  readonly element: HTMLElement
  readonly control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement
  /** Shows why the value was refused; null clears it. */
  fault(reason: string | null): void
}

let made = 0

/** A labelled control. Browsers keep no history and no session copy of it: what is typed here must not reach the disk in plain text. */
export const field = ({ name, label, hint, type = 'text', rows, options, value = '', placeholder, inputmode }: FieldOptions): Field => {
  made += 1
  const id = `field-${made}`
  const common = { id, name, autocomplete: 'off', 'aria-describedby': `${id}-hint ${id}-fault` }
  const control =
    options !== undefined
      ? h('select', common, ...options.map((option) => h('option', {}, option)))
      : rows !== undefined
        ? h('textarea', { ...common, rows, placeholder, spellcheck: 'false' })
        : h('input', { ...common, type, placeholder, inputmode, spellcheck: 'false' })
  if (value !== '') control.value = value
  const wrong = h('p', { class: 'fault', id: `${id}-fault` })
  return {
    element: h('div', { class: 'field' }, h('label', { for: id }, label), control, h('p', { class: 'hint', id: `${id}-hint` }, hint ?? ''), wrong),
    control,
    fault: (reason) => {
      wrong.textContent = reason ?? ''
      control.toggleAttribute('aria-invalid', false)
      if (reason !== null) control.setAttribute('aria-invalid', 'true')
    },
  }
}
