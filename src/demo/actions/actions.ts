/** The demo's allowlist: what its people and its assistant may do, and how risky each is. */
import type { JsonObject } from '../../base/json.ts'
import * as v from '../../protocol/schema.ts'
import { CONTACTS } from './contacts.ts'
import { FILES } from './files.ts'

const address = v.pipe(v.string(), v.email(), v.maxLength(254))
const moment = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/, 'a time like 2026-11-23T09:00:00+01:00'),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'a time that exists'),
)
const shortText = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))

export const NoteSchema = v.strictObject({ text: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(4_000)) })

export const EmailSchema = v.strictObject({
  to: address,
  subject: v.pipe(v.string(), v.maxLength(200)),
  body: v.pipe(v.string(), v.maxLength(20_000)),
})

export const EventSchema = v.pipe(
  v.strictObject({ title: shortText, start: moment, end: moment, attendees: v.pipe(v.array(address), v.maxLength(50)) }),
  v.forward(
    v.check(({ start, end }) => Date.parse(end) > Date.parse(start), 'ends before it starts'),
    ['end'],
  ),
)

/** ISO 13616: letters and digits, two check digits that make the whole ≡ 1 (mod 97). */
const isIban = (text: string): boolean => {
  const digits = [...text.slice(4), ...text.slice(0, 4)].map((char) => Number.parseInt(char, 36)).join('')
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

export const PaymentSchema = v.strictObject({
  iban: v.pipe(
    v.string(),
    v.transform((text) => text.replaceAll(' ', '').toUpperCase()),
    v.regex(/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/, 'an IBAN'),
    v.check(isIban, 'an IBAN whose check digits are right'),
  ),
  amount: v.pipe(
    v.string(),
    v.regex(/^\d{1,9}(\.\d{1,2})?$/, 'a decimal amount like 120.50'),
    v.check((text) => Number(text) > 0, 'more than nothing'),
  ),
  currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'a currency like EUR')),
  reference: v.pipe(v.string(), v.maxLength(140)),
})

export const FileSchema = v.strictObject({
  id: v.picklist(
    FILES.map(({ id }) => id),
    'a file of this workspace',
  ),
})

/** What the back end answers when it did something, or had done it before. */
export const AppliedSchema = v.looseObject({ id: v.string(), applied_at: v.string(), idempotent: v.boolean() })

/** An invented list whose name is longer than the 64 octets that mail servers take (RFC 5321, 4.5.3.1.1): the back end refuses it, so that a failure can be seen. */
export const UNDELIVERABLE = 'all-who-ever-wrote-to-the-harbour-office-about-the-launch-party-in-may@example.com'

export const DIRECTORIES = { contacts: [...CONTACTS.map(({ email }) => email), UNDELIVERABLE] }

/** Answers in one conversation go out in the order they were written; other mail does not wait for each other. */
export const conversationOf = ({ to, subject }: JsonObject): string | undefined =>
  typeof subject === 'string' && /^re:/i.test(subject) ? `${String(to)} ${subject.toLowerCase()}` : undefined

/** What each action does while MAESTRO is off; the page needs it too. */
export const WHEN_OFF = { 'note.add': 'fallback' } as const
