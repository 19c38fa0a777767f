import { digestWords } from '../base/digest-words.ts'
import type { FailureCode } from '../protocol/failure.ts'
import type { GateView, ReceiptView, Snapshot, WaitingFor } from '../protocol/views.ts'

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const EXACT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const MOMENT = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const COUNT = new Intl.NumberFormat('en-GB')
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']

/** Seconds matter to someone who watches. Milliseconds. */
const NEAR_MS = 120_000
const DAY_MS = 20 * 3_600_000

/** "14:05", "14:05:10" when that is soon, day and time when it is far. Both are epoch ms. */
export const timeOf = (at: number, now: number): string => {
  const away = Math.abs(at - now)
  return (away < NEAR_MS ? EXACT : away < DAY_MS ? CLOCK : MOMENT).format(at)
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${COUNT.format(count)} ${count === 1 ? one : many}`

const HELD: Readonly<Record<GateView['state'], string>> = {
  run: 'MAESTRO is starting again',
  readonly: 'MAESTRO takes nothing new',
  drain: 'MAESTRO is being emptied',
  kill: 'MAESTRO is off',
  'safe-worker': 'MAESTRO is in safe mode',
}

export const heldPhrase = (gate: GateView): string => `Held: ${HELD[gate.state]} (version ${gate.version})`

const REASONS: Readonly<Record<WaitingFor, string>> = {
  approval: 'Waiting for your approval',
  'sign-in': 'Waiting for you to sign in',
  'undo window': 'You can still undo',
  running: 'Being done now',
  'its turn': 'Next in line',
  retry: 'Retrying',
  network: 'Waiting for the network',
  ledger: 'Asking the server what happened',
  page: 'Waiting for an open page of this app',
  sequence: 'Waiting for an earlier action',
  gate: 'Held',
  update: 'Waiting for an update of this app',
  person: 'It may have run',
  export: 'Taken out in a file',
}

/** What a group of waiting items has in common. */
export const reasonPhrase = (reason: WaitingFor, gate: GateView): string => (reason === 'gate' ? heldPhrase(gate) : REASONS[reason])

/** Titles inside a sentence are kept this short. Characters. */
const NAME_MAX = 40
const short = (name: string): string => (name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name)

/** Why one item waits, and until when. `blocker` is the title of the failed action before it. */
export const whyPhrase = (receipt: ReceiptView, gate: GateView, now: number, blocker?: string): string => {
  const { waitingFor = 'its turn', dueAt = 0, attempts } = receipt
  const at = dueAt > now ? timeOf(dueAt, now) : null
  switch (waitingFor) {
    case 'retry':
      return `Retrying ${at === null ? 'now' : `at ${at}`} (${ORDINALS[attempts] ?? `number ${attempts + 1}`} attempt)`
    case 'approval':
      return at === null ? 'Nobody has decided in time' : `Nothing happens before you decide. The question ends ${at}`
    case 'undo window':
      return at === null ? 'Goes out now' : `Goes out in ${Math.ceil((dueAt - now) / 1_000)} s`
    case 'sequence':
      return receipt.blockedBy === undefined
        ? 'Keeps its place behind the action before it'
        : `Waits for ‘${short(blocker ?? 'an earlier action')}’, which failed`
    case 'running':
      return at === null ? 'Being done now' : `Being done now, answer due by ${at}`
    case 'network':
      return at === null ? 'Goes out when the network is back' : `Goes out when the network is back, tried again at ${at}`
    case 'ledger':
      return at === null ? 'Not repeated before the answer is known' : `Not repeated before the answer is known. Asked again at ${at}`
    case 'gate':
      return `${heldPhrase(gate)}. It comes back unchanged`
    case 'sign-in':
      return 'Goes out after you have signed in'
    case 'update':
      return 'This version of the app does not know it. A newer one does it'
    case 'page':
      return 'Done by a page of this app, once one is open'
    default:
      return REASONS[waitingFor]
  }
}

/** How safe an item is, truthfully: how often it can run, where it is kept, what the server has confirmed. */
export const promisePhrase = (receipt: ReceiptView, durability: Snapshot['durability']): string => {
  const often = receipt.guarantee === 'exactly-once' ? 'Exactly once' : 'At most once'
  const kept = durability === 'durable' ? 'kept on this device' : 'kept only while this browser runs'
  if (receipt.status !== 'done') return `${often} · ${kept} · not confirmed by the server`
  return receipt.synced ? `${often} · sent and recorded` : `${often} · done · its record is not confirmed by the server yet`
}

/** What the approvals dialog called the very call a person is asked about, to compare by eye; empty where nobody is asked. */
export const wordsPhrase = ({ lane, digest }: ReceiptView): string =>
  lane === 'RED' && digest !== '' ? `Digest words: ${digestWords(digest).join(' · ')}` : ''

const FAILURES: Readonly<Partial<Record<FailureCode, string>>> = {
  EFFECT_REJECTED: 'The server refused it',
  EFFECT_EXHAUSTED: 'It failed at every attempt',
  EFFECT_UNREADABLE: 'The server’s answer could not be read',
  ACTION_UNKNOWN: 'This version of the app does not know it',
  APPROVAL_CHANGED: 'It is not what was approved',
  RECORD_UNREADABLE: 'Its record on this device cannot be read',
  PARAMS_INVALID: 'Its values are not valid any more',
  KEY_REUSED: 'Its key was used for something else',
}

/** Why a person is needed, in words. */
export const troublePhrase = (receipt: ReceiptView): string => {
  if (receipt.waitingFor === 'export') return 'Held here until it is imported elsewhere, or you take it back'
  if (receipt.status !== 'dead') return 'It may have run: no answer came back, and nobody else knows'
  return (receipt.failure && FAILURES[receipt.failure.code]) ?? 'It failed, and is not tried again by itself'
}

/** "email.send" → "Send email". */
export const actionPhrase = (action: string): string => {
  const words = action
    .split(/[.:/]/)
    .toReversed()
    .join(' ')
    .replace(/[-_]/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const SIZES = ['kB', 'MB', 'GB', 'TB']

/** Bytes in powers of a thousand: "1.2 MB". */
export const sizePhrase = (bytes: number): string => {
  let size = bytes / 1_000
  let unit = 0
  for (; size >= 1_000 && unit < SIZES.length - 1; unit += 1) size /= 1_000
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${SIZES[unit]}`
}
