import { askDeletion } from './ask-deletion.ts'
import { askEmail } from './ask-email.ts'
import { askEvent } from './ask-event.ts'
import { askNote } from './ask-note.ts'
import { askPayment } from './ask-payment.ts'
import type { Ask } from './ask.ts'
import type { Reading } from './reading.ts'
import { sentences } from './sentences.ts'

const READERS = [askPayment, askEmail, askEvent, askDeletion, askNote] as const

/**
 * Every instruction in a text that the assistant knows how to follow, in the order of the sentences. It is gullible on purpose: it does not ask who
 * wrote the text. Governing that is MAESTRO's part, not the reader's.
 */
export const findAsks = (reading: Reading): readonly Ask[] =>
  sentences(reading.text).flatMap((sentence) => READERS.flatMap((reader) => reader(sentence, reading)))
