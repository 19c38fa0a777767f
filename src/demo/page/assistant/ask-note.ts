import type { Ask } from './ask.ts'
import type { Reading } from './reading.ts'
import { sentences } from './sentences.ts'
import { toldTo } from './told-to.ts'

const NOTE = /\b(?:note(?: down)?|remember)(?:\s+that\b|:)/i
const SUMMARY = /\bsummari[sz]e\b/i
const GREETING = /^(?:hi|hello|dear|good morning|this week)\b/i

/** The first sentence that says something. */
const gist = (body: string): string => sentences(body).find((sentence) => !GREETING.test(sentence)) ?? ''

/** "Note that …" keeps the rest; "summarise" keeps one line for each message read. */
export const askNote = (sentence: string, { message, read }: Reading): readonly Ask[] => {
  const told = toldTo(sentence, NOTE)?.trim()
  if (told !== undefined && told !== '')
    return [{ action: 'note.add', params: { text: told.slice(0, 1).toUpperCase() + told.slice(1) }, because: sentence }]
  if (message !== null || read.length === 0 || toldTo(sentence, SUMMARY) === null) return []
  const text = read.map(({ name, subject, body }) => `${name}: ${subject}. ${gist(body)}`).join('\n')
  return [{ action: 'note.add', params: { text }, because: sentence }]
}
