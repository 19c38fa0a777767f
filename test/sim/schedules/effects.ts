import { approve, fault, schedule, type Schedule } from './schedule.ts'

/** One action of each kind, undisturbed but for the kill, and each answer that a far end can give. */
export const EFFECTS: readonly Schedule[] = [
  schedule('a local note', { intents: [['note']] }),
  schedule('a local note with a server', { intents: [['note']], hasServer: true }),
  schedule('a keyed request', { intents: [['mail']] }),
  schedule('a keyed request with a server', { intents: [['mail']], hasServer: true }),
  schedule('an un-keyed request', { intents: [['fax']] }),
  schedule('an un-keyed request with a server', { intents: [['fax']], hasServer: true }),
  schedule('a page effect', { intents: [['print']] }),
  schedule('a page effect with a server', { intents: [['print']], hasServer: true }),
  schedule('a sequence of three', {
    intents: [
      ['thread', { thread: 1 }],
      ['thread', { thread: 1 }],
      ['thread', { thread: 1 }],
    ],
  }),
  schedule('two sequences', {
    intents: [
      ['thread', { thread: 1 }],
      ['thread', { thread: 2 }],
    ],
    hasServer: true,
  }),
  schedule('a batch', { intents: [['bulk'], ['bulk']], acts: [] }),
  schedule('a batch with a server', { intents: [['bulk'], ['bulk']], hasServer: true }),
  schedule('RED approved', { intents: [['pay']], acts: [approve(0, 2_000)], hasServer: true }),
  schedule('RED approved without a server', { intents: [['pay']], acts: [approve(0, 2_000)] }),
  schedule('RED un-keyed approved', { intents: [['wire']], acts: [approve(0, 2_000)], hasServer: true }),
  schedule('RED denied', { intents: [['pay']], acts: [{ kind: 'deny', at: 2_000, device: 0, slot: 0, intent: 0 }], hasServer: true }),
  schedule('YELLOW with an undo window', { intents: [['invite']] }),
  schedule('YELLOW undone', { intents: [['invite']], acts: [{ kind: 'cancel', at: 3_000, device: 0, slot: 0, intent: 0 }] }),
  schedule('YELLOW asked', { intents: [['sign']], acts: [approve(0, 2_000)] }),
  schedule('BLOCKED', { intents: [['ban'], ['note']] }),
  ...['lose-request', 'lose-answer', 'late', 'hang', 'twice', 'applied-500', 'applied-portal', 'portal', '401', '409', '429', '503'].map((kind) =>
    schedule(`a keyed request meets ${kind}`, { intents: [['mail']], faults: [fault('far', kind)] }),
  ),
  ...['lose-request', 'lose-answer', 'late', 'applied-500', 'applied-portal', '429'].map((kind) =>
    schedule(`an un-keyed request meets ${kind}`, { intents: [['fax']], faults: [fault('far', kind)] }),
  ),
  ...['omit', 'contradict', '409'].map((kind) => schedule(`a batch meets ${kind}`, { intents: [['bulk'], ['bulk']], faults: [fault('item', kind)] })),
]
