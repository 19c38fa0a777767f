import type { ReceiptView } from '../protocol/views.ts'
import type { OutboxOptions } from './options.ts'
import { actionPhrase } from './phrases.ts'

/** Of a parameter, as a hint at which item this is. Characters. */
const DETAIL_MAX = 80

/** An item in words: the app's own, or the action's name and its first short text. */
export const describe = (receipt: ReceiptView, own: OutboxOptions['describe']): { readonly title: string; readonly detail: string } => {
  const said = own?.(receipt)
  if (said !== undefined) return { title: said.title, detail: said.detail ?? '' }
  const first = Object.values(receipt.params).find((value) => typeof value === 'string' && value !== '')
  return { title: actionPhrase(receipt.action), detail: typeof first === 'string' ? first.slice(0, DETAIL_MAX) : '' }
}
