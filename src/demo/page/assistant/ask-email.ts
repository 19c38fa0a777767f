import type { Message } from '../../sessions/message.ts'
import type { Ask } from './ask.ts'
import { findPeople } from './find-people.ts'
import type { Reading } from './reading.ts'
import { toldTo } from './told-to.ts'

const FORWARD = /\bforward\b/i
const WRITE = /\b(?:send|e-?mail|mail|write|tell|inform)\b/i
const REPLY = /\b(?:reply|answer)\b/i
const QUOTE = /(?:saying|that|:)?\s*["“]([^"”]+)["”]/
const THAT = /\bthat\s+(.+?)[.!]?$/

const subjectOf = (told: string): string => (/invoice/i.test(told) ? 'invoices' : 'a message')

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

const wording = (told: string): string => QUOTE.exec(told)?.[1] ?? capital(THAT.exec(told)?.[1] ?? told.trim())

/** The first words of what is said: a subject of the writer's own. */
const topic = (body: string): string => (/^(?:\S+\s+){0,5}\S+/.exec(body)?.[0] ?? 'A message').replace(/[.,;:!?]+$/, '')

/** The one a request means by "the supplier": the first sender outside the contacts, else the first sender. */
const sender = ({ message, read, people }: Reading): Message | null => {
  const strangers = read.filter(({ from }) => !people.some(({ email }) => email === from))
  return message ?? strangers[0] ?? read[0] ?? null
}

const forwarded = (told: string, { read }: Reading): string => {
  const wanted = /invoice/i.test(told) ? read.filter(({ subject, body }) => /invoice/i.test(subject + body)) : read.slice(-1)
  return wanted.map(({ name, subject, body }) => `From ${name}: ${subject}\n${body}`).join('\n\n')
}

/** "Forward … to ADDRESS", "send/email/tell PERSON saying …", "reply that …". */
export const askEmail = (sentence: string, reading: Reading): readonly Ask[] => {
  const email = (to: string, subject: string, body: string): Ask => ({ action: 'email.send', params: { to, subject, body }, because: sentence })
  const forward = toldTo(sentence, FORWARD)
  if (forward !== null) return findPeople(forward, reading.people).map((to) => email(to, `Fwd: ${subjectOf(forward)}`, forwarded(forward, reading)))
  const reply = toldTo(sentence, REPLY)
  const to = sender(reading)
  if (reply !== null && to !== null)
    return [email(findPeople(reply.replace(QUOTE, ''), reading.people)[0] ?? to.from, `Re: ${to.subject}`, wording(reply))]
  const write = toldTo(sentence, WRITE)
  if (write === null) return []
  const subject = reading.message === null ? topic(wording(write)) : reading.message.subject
  return findPeople(write.replace(QUOTE, '').replace(THAT, ''), reading.people)
    .slice(0, 1)
    .map((person) => email(person, subject, wording(write)))
}
