import type { ReceiptView, WaitingFor } from '../../../protocol/views.ts'
import { formatClock, formatTime } from './format-time.ts'

const WORDS: { readonly [reason in WaitingFor]: string } = {
  'its turn': 'Next in line',
  network: 'Waits for the network',
  'undo window': 'You can still undo it',
  retry: 'Tries again',
  approval: 'Waits for a person to decide',
  running: 'Is running now',
  gate: 'Held: the gate is closed',
  'sign-in': 'Waits for you to sign in',
  page: 'Waits for an open page',
  ledger: 'Asks the ledger what happened',
  person: 'Needs a person to look',
  sequence: 'Waits for the one before it',
  update: 'Waits for a newer version of this app',
  export: 'Taken out in a file, until it is taken back',
}

/** Why a receipt waits and until when, as one sentence; empty when it does not wait. */
export const waitingWords = (receipt: ReceiptView): string => {
  if (receipt.waitingFor === undefined) return receipt.failure === undefined ? '' : `${receipt.failure.code}: ${receipt.failure.message}`
  const words = WORDS[receipt.waitingFor]
  if (receipt.dueAt === undefined || receipt.waitingFor === 'undo window' || receipt.waitingFor === 'running') return words
  const far = receipt.dueAt - receipt.updatedAt > 12 * 3_600_000
  return `${words} until ${far ? formatTime(receipt.dueAt) : formatClock(receipt.dueAt)}`
}
