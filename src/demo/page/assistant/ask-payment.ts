import type { Ask } from './ask.ts'
import { findAmount } from './find-amount.ts'
import { findIban } from './find-iban.ts'
import type { Reading } from './reading.ts'
import { toldTo } from './told-to.ts'

const VERBS = /\b(?:pay|transfer|wire)\b/i
const REFERENCE = /\breference:?\s+([A-Z0-9][\w/-]*)/i
const INVOICE = /\b(?:INV|RE|R)-\d+\b/

/** "Pay AMOUNT to IBAN": what the sentence leaves out is looked up in the text around it, or in the messages read so far. */
export const askPayment = (sentence: string, { text, message, read }: Reading): readonly Ask[] => {
  const told = toldTo(sentence, VERBS)
  if (told === null) return []
  const places = [told, text, ...(message === null ? read.map(({ body }) => body) : [])]
  const place = places.find((candidate) => findIban(candidate) !== null && findAmount(candidate) !== null)
  const iban = findIban(place ?? text)
  const sum = findAmount(place ?? text)
  if (iban === null || sum === null) return []
  const reference = REFERENCE.exec(place ?? '')?.[1] ?? INVOICE.exec(place ?? '')?.[0] ?? 'Payment'
  return [{ action: 'payment.transfer', params: { iban, ...sum, reference }, because: sentence }]
}
