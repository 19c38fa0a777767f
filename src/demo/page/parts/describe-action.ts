import type { JsonObject } from '../../../base/json.ts'
import { FILES } from '../../actions/files.ts'
import type { IconName } from '../dom/icon.ts'
import { formatTime } from './format-time.ts'

export type ActionWords = { readonly icon: IconName; readonly title: string; readonly detail: string }

const textOf = (params: JsonObject, name: string): string => {
  const value = params[name]
  return typeof value === 'string' ? value : ''
}

/** An action and its parameters in a person's words, for lists. The dialog has its own, from the worker's canonical call. */
export const describeAction = (action: string, params: JsonObject): ActionWords => {
  const text = (name: string): string => textOf(params, name)
  switch (action) {
    case 'note.add':
      return { icon: 'notes', title: 'Keep a note', detail: text('text') }
    case 'email.send':
      return { icon: 'compose', title: `Email to ${text('to')}`, detail: text('subject') }
    case 'event.create':
      return { icon: 'calendar', title: text('title'), detail: formatTime(text('start')) }
    case 'payment.transfer':
      return { icon: 'payments', title: `Pay ${text('amount')} ${text('currency')}`, detail: `to ${text('iban')}` }
    case 'file.delete': {
      const file = FILES.find((candidate) => candidate.id === text('id'))
      return { icon: 'trash', title: 'Delete a file', detail: file === undefined ? text('id') : `${file.name} (${file.id})` }
    }
    default:
      return { icon: 'asks', title: action, detail: '' }
  }
}
