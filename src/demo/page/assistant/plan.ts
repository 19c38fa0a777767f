import type { Source } from '../../../protocol/source.ts'
import type { Message } from '../../sessions/message.ts'
import type { Ask } from './ask.ts'
import { findAsks } from './find-asks.ts'
import type { Reading } from './reading.ts'

export type Step =
  | { readonly kind: 'thinks'; readonly text: string }
  | { readonly kind: 'reads'; readonly message: Message }
  /** `from` is the message that gave the instruction; null when the user did. */
  | { readonly kind: 'asks'; readonly ask: Ask; readonly from: Message | null; readonly sources: readonly Source[] }

export type Work = {
  readonly request: string
  readonly user: string
  readonly messages: readonly Message[]
  readonly people: Reading['people']
  readonly files: Reading['files']
  readonly now: Date
}

const counted = (count: number): string => (count === 1 ? 'one thing' : `${count} things`)

/** What the assistant does with a request and the messages as they read now: a pure function, so an edited word changes the calls and nothing else. */
export const plan = ({ request, user, messages, people, files, now }: Work): readonly Step[] => {
  const seen = new Set<string>()
  const read: Message[] = []
  const steps: Step[] = []
  const sources = (): readonly Source[] => [
    { id: 'request', kind: 'user', text: request, by: user },
    ...read.map(({ id, from, subject, body }): Source => ({ id, kind: 'untrusted', text: `${subject}\n\n${body}`, by: from })),
  ]
  const follow = (text: string, message: Message | null): number => {
    const asks = findAsks({ text, message, read, people, files, now }).filter((ask) => {
      const call = JSON.stringify([ask.action, ask.params])
      return seen.has(call) ? false : seen.add(call)
    })
    for (const ask of asks) steps.push({ kind: 'asks', ask, from: message, sources: sources() })
    return asks.length
  }
  for (const message of messages) {
    steps.push({ kind: 'reads', message })
    read.push(message)
    const place = steps.length
    const count = follow(`${message.subject}\n${message.body}`, message)
    const text = count === 0 ? 'Nothing to do in this one.' : `The message asks for ${counted(count)}. I will try.`
    steps.splice(place, 0, { kind: 'thinks', text })
  }
  const place = steps.length
  const count = follow(request, null)
  if (count > 0) steps.splice(place, 0, { kind: 'thinks', text: `Now what you asked for yourself: ${counted(count)}.` })
  else if (!steps.some(({ kind }) => kind === 'asks')) steps.push({ kind: 'thinks', text: 'I found nothing that I know how to do.' })
  return steps
}
