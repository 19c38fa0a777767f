import type { AccountView, KeyState, MemoryItem, MemoryStatus } from '../../../memory/index.ts'
import { h } from '../dom/h.ts'

export type MemoryFacts = { readonly status: MemoryStatus; readonly account: AccountView | null; readonly items: readonly MemoryItem[] }

const LOST = 'lost. What was sealed under them stays closed until you unlock'

const KEYS: Readonly<Record<KeyState, string>> = {
  OK: 'as they were left, and no script can read them',
  FIRST_RUN: 'made on this device, and no script can read them',
  KEY_NULL: LOST,
  KEY_MISMATCH: LOST,
  CLONE_ERROR: 'could not be kept: gone when this browser closes',
  DB_UNOPENABLE: 'cannot be read now',
  DATA_LOSS: 'made anew: this browser threw away what it kept',
}

const counted = ({ t1, t2, t3, unreadable, dropped }: MemoryStatus): string =>
  [
    `${t1} core, ${t2} working, ${t3} timeline`,
    ...(unreadable > 0 ? [`${unreadable} that cannot be opened here`] : []),
    ...(dropped > 0 ? [`${dropped} oldest dropped to make room`] : []),
  ].join(', ')

const elsewhere = ({ account, items }: MemoryFacts): string => {
  const waiting = items.filter(({ tier, synced }) => tier !== 't3' && !synced).length
  if (account === null || account.state === 'unknown') return 'the server cannot be asked now'
  if (account.state === 'none') return 'nowhere: only this device has it, until you set a passphrase'
  if (account.state === 'locked') return 'on your other devices. Unlock to have it here'
  return waiting === 0 ? 'core and working are on the server, sealed' : `on the server, sealed, except ${waiting} on the way`
}

/** Where the memory lies and how safe it is there, as it is and not as one would like it. */
export const memoryFacts = (facts: MemoryFacts): readonly HTMLElement[] => {
  const { status } = facts
  const rows: readonly (readonly [string, string])[] = [
    ['Kept', status.durability === 'durable' ? 'on this device’s disk, sealed' : 'only while this browser runs: its disk cannot be used'],
    ['Keys', KEYS[status.keys]],
    ['Holds', counted(status)],
    ['Elsewhere', elsewhere(facts)],
  ]
  return rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])
}
