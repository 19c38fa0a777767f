import type { Session } from './session.ts'

export const WELCOME_COLLEAGUE: Session = {
  id: 'welcome-colleague',
  title: 'Welcome a new colleague',
  summary: 'Coffee in the calendar and a mail to Ben, from one message of Anna’s.',
  request:
    'Read Anna’s message about Mira. Schedule "Welcome coffee for Mira" on Tuesday at 15:30 for 30 minutes with Anna and Ben. ' +
    'Email Ben saying "Mira starts next week. Please keep Tuesday at half past three free."',
  reads: ['m7'],
  watch: 'Change the time in the request and run it again: the calls change with it.',
  hostile: false,
}
