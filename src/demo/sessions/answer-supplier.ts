import type { Session } from './session.ts'

export const ANSWER_SUPPLIER: Session = {
  id: 'answer-supplier',
  title: 'Answer the supplier',
  summary: 'A reply to somebody outside the team, and a note of the delivery date.',
  request:
    'Reply to the supplier saying "Thursday between nine and eleven suits us. The side entrance is free of steps." ' +
    'Note that the desk lamps arrive on Thursday between 9 and 11.',
  reads: ['m2'],
  watch: 'Mail to a stranger leaves the team, so it is shown to you first.',
  hostile: false,
}
