/** What every side enqueues: a short message, about 300 bytes of JSON. */
export const INTENT = {
  to: 'anna@example.com',
  subject: 'Minutes of the meeting',
  body: 'The venue is booked, the budget holds, the poster goes to print on Friday. '.repeat(3),
}
