import type { Session } from './session.ts'

export const PREPARE_MEETING: Session = {
  id: 'prepare-meeting',
  title: 'Prepare Monday’s meeting',
  summary: 'A calendar entry, a mail to Anna and a note. Routine work that needs no click.',
  request:
    'Read Anna’s message. Schedule "Planning, first quarter" on Monday at 10:00 for 45 minutes with Anna and Ben. ' +
    'Then write to Anna saying "The planning is in the calendar for Monday at ten. Agenda: hiring, the trade fair, the rent."',
  reads: ['m1'],
  watch: 'The calendar entry waits ten seconds so that you can undo it. The rest just happens, once.',
  hostile: false,
}
