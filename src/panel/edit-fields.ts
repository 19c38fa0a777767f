import type { Json, JsonObject } from '../base/json.ts'
import { h } from '../dialog/h.ts'
import type { EditField } from './options.ts'
import { actionPhrase } from './phrases.ts'

/** Text longer than this is edited in several lines. Characters. */
const LINE_MAX = 60

const kindOf = (value: Json): EditField['kind'] | null => {
  if (typeof value === 'string') return value.length > LINE_MAX || value.includes('\n') ? 'lines' : 'text'
  if (typeof value === 'number' || typeof value === 'boolean') return typeof value as 'number' | 'boolean'
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? 'list' : null
}

/** One field for each parameter whose kind has a control; the others are kept as they are. */
export const fieldsOf = (params: JsonObject): EditField[] =>
  Object.entries(params).flatMap(([name, value]) => {
    const kind = kindOf(value)
    return kind === null ? [] : [{ name, kind, label: actionPhrase(name) }]
  })

export type Control = { readonly element: HTMLElement; readonly read: () => Json; readonly fault: (reason: string) => void }

/** A labelled control. Browsers keep no history and no session copy of it: what is typed must not reach the disk in plain text. */
export const control = ({ name, label, kind, choices = [] }: EditField, value: Json | undefined): Control => {
  const id = `edit-${name}`
  const attributes = { id, name, autocomplete: 'off', 'aria-describedby': `${id}-fault` }
  const text = Array.isArray(value) ? value.join('\n') : value === undefined || value === null ? '' : String(value)
  const input =
    kind === 'lines' || kind === 'list'
      ? h('textarea', { ...attributes, rows: kind === 'list' ? '3' : '6' })
      : kind === 'choice'
        ? h('select', attributes, ...choices.map((choice) => h('option', {}, choice)))
        : h('input', { ...attributes, type: kind === 'boolean' ? 'checkbox' : kind, ...(kind === 'number' ? { step: 'any' } : {}) })
  if (kind === 'boolean') (input as HTMLInputElement).checked = value === true
  else input.value = text
  const fault = h('p', { id: `${id}-fault`, class: 'fault' })
  const read = (): Json => {
    if (kind === 'boolean') return (input as HTMLInputElement).checked
    if (kind === 'number') return input.value === '' ? null : Number(input.value)
    return kind === 'list' ? input.value.split('\n').flatMap((line) => line.trim() || []) : input.value
  }
  return {
    element: h('div', { class: `field ${kind}` }, h('label', { for: id }, label, kind === 'list' && h('span', {}, ' (one a line)')), input, fault),
    read,
    fault: (reason) => {
      fault.textContent = reason
      input.setAttribute('aria-invalid', String(reason !== ''))
      if (reason !== '') input.focus()
    },
  }
}
