import { ANSWER_SUPPLIER } from './answer-supplier.ts'
import { CHANGED_ACCOUNT } from './changed-account.ts'
import { PAY_INVOICE } from './pay-invoice.ts'
import { POISONED_NEWSLETTER } from './poisoned-newsletter.ts'
import { PREPARE_MEETING } from './prepare-meeting.ts'
import type { Session } from './session.ts'
import { SUMMARISE_INBOX } from './summarise-inbox.ts'
import { TIDY_FILES } from './tidy-files.ts'
import { WELCOME_COLLEAGUE } from './welcome-colleague.ts'

/** The assistant sessions of the demo, in the order they are offered. */
export const SESSIONS: readonly Session[] = [
  PREPARE_MEETING,
  CHANGED_ACCOUNT,
  PAY_INVOICE,
  ANSWER_SUPPLIER,
  POISONED_NEWSLETTER,
  TIDY_FILES,
  SUMMARISE_INBOX,
  WELCOME_COLLEAGUE,
]
