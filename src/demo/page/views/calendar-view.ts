import type { App } from '../app/app.ts'
import { rfc3339 } from '../assistant/rfc3339.ts'
import { formView } from './form-view.ts'
import type { View } from './view.ts'

const withOffset = (local: string): string => {
  const date = new Date(local)
  return Number.isNaN(date.getTime()) ? local : rfc3339(date)
}

/** An entry by hand; it can be undone for ten seconds. */
export const calendarView = (app: App): View =>
  formView(app, {
    id: 'calendar',
    title: 'Calendar',
    icon: 'calendar',
    lead: 'An entry needs no click. It waits ten seconds, so that you can undo it.',
    form: {
      action: 'event.create',
      label: 'Create a calendar entry',
      submit: 'Create the entry',
      fields: [
        { name: 'title', label: 'Title' },
        { name: 'start', label: 'Starts', type: 'datetime-local' },
        { name: 'end', label: 'Ends', type: 'datetime-local' },
        { name: 'attendees', label: 'Who comes', placeholder: 'anna@example.com, ben@example.com', hint: 'Addresses, with commas between them.' },
      ],
      params: (value) => ({
        title: value('title'),
        start: withOffset(value('start')),
        end: withOffset(value('end')),
        attendees: value('attendees')
          .split(/[\s,;]+/)
          .filter((address) => address !== ''),
      }),
    },
    listTitle: 'Entries',
    empty: 'No entries yet.',
  })
