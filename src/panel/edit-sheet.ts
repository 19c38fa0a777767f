import type { Json, JsonObject } from '../base/json.ts'
import { h } from '../dialog/h.ts'
import type { ReceiptView } from '../protocol/views.ts'
import { button } from './button.ts'
import { control } from './edit-fields.ts'
import type { EditField } from './options.ts'
import { openSheet } from './sheet.ts'
import type { OutboxSource } from './source.ts'
import { LOST } from './told.ts'

/**
 * The form that mends a failed action. Saving makes a new intent in its place; asking again after a lost answer uses the
 * same key, so that it cannot double. Resolves true once the new one is taken.
 */
export const editSheet = async (
  root: ShadowRoot,
  source: OutboxSource,
  receipt: ReceiptView,
  title: string,
  fields: readonly EditField[],
): Promise<boolean> => {
  const controls = new Map(fields.map((field) => [field.name, control(field, receipt.params[field.name])]))
  const form = h('form', { autocomplete: 'off', novalidate: '' }, ...[...controls.values()].map(({ element }) => element))
  const sheet = openSheet<true>(
    root,
    'Edit',
    title,
    h('p', {}, 'What you save is sent as a new action in the place of the failed one. It is judged anew, and may need an approval.'),
    form,
  )
  let asked = { call: '', key: '' }
  const save = async (): Promise<void> => {
    const params: Record<string, Json> = { ...receipt.params }
    for (const [name, { read, fault }] of controls) {
      params[name] = read()
      fault('')
    }
    const call = JSON.stringify(params)
    if (call !== asked.call) asked = { call, key: crypto.randomUUID() }
    sheet.alert.textContent = ''
    const made = await source.edit(receipt.key, params as JsonObject, { key: asked.key }).catch(() => null)
    const failure = made?.failure
    if (made !== null && failure === undefined) return sheet.close(true)
    const wrong = controls.get(failure?.field?.split('.')[0] ?? '')
    const reason = failure === undefined ? LOST : failure.message
    if (wrong === undefined) sheet.alert.textContent = reason
    else wrong.fault(reason)
  }
  const send = button('Save and send', 'main', save)
  form.onsubmit = (event) => {
    event.preventDefault()
    send.click()
  }
  // Enter in a field submits only where the form has a submit button.
  form.append(h('button', { hidden: '' }))
  sheet.actions.append(
    button('Cancel', '', () => sheet.close(null)),
    send,
  )
  form.querySelector<HTMLElement>('input,textarea,select')?.focus()
  return (await sheet.chosen) === true
}
