import type { Session } from './session.ts'

export const TIDY_FILES: Session = {
  id: 'tidy-files',
  title: 'Tidy up the files',
  summary: 'Two files that Ben no longer needs. Deleting cannot be undone, so it asks.',
  request: 'Read Ben’s message about old files and delete the ones he names. Then tell Ben that the folder is tidy again.',
  reads: ['m4'],
  watch: 'Two approvals, decided one by one and in any order.',
  hostile: false,
}
