import type { ReceiptView } from '../../../protocol/views.ts'
import type { Message } from '../../sessions/message.ts'
import { describeAction } from '../parts/describe-action.ts'

/** What a message tried to have done and what came of it, as a sentence for a person; empty where nothing stood in its way. */
export const triedWords = (from: Message, { action, params, lane, reasons, status }: ReceiptView): string => {
  if (lane !== 'RED' && lane !== 'BLOCKED') return ''
  const { title, detail } = describeAction(action, params)
  const what = detail === '' ? title : `${title} (${detail})`
  const then = status === 'done' ? 'You approved it.' : 'Nothing was done.'
  return `${from.name} tried to have this done: ${what}. ${then} ${reasons.map((reason) => `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`).join(' ')}`
}
