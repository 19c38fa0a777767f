import { approve, fault, schedule, type Schedule } from './schedule.ts'

const YEAR_2097 = 4_007_520_000_000
const both = [0, 1].map((device) => ({ kind: 'execute', at: 1_000 + 70_000 * device, device, slot: 0, intent: 0 }) as const)

/** What random schedules found once: each was lost, repeated, stuck or against a law before it was mended. */
export const FOUND: readonly Schedule[] = [
  schedule('an approval asked for by a clock of 1970 is not over at once', {
    intents: [['sign']],
    hasServer: true,
    acts: [{ kind: 'clock', at: 500, device: 0, toMs: 0 }, approve(0, 5_000)],
  }),
  schedule('a page effect whose person’s token is refused waits, and does not spin', {
    intents: [['print']],
    hasServer: true,
    acts: [{ kind: 'revoke', at: 900, device: 0 }],
  }),
  schedule('an un-keyed request taken over from a device that fell silent', {
    intents: [['fax']],
    hasServer: true,
    isManual: true,
    second: {},
    acts: both,
    faults: [fault('far', 'hang')],
  }),
  schedule('a page effect on two devices, one without the shared ledger’s word', {
    intents: [['print']],
    hasServer: true,
    isManual: true,
    second: {},
    acts: both,
    faults: [fault('server', 'failing', 2), fault('server', 'failing', 3), fault('server', 'failing', 4)],
  }),
  schedule('a stop between a refused token and the second send', {
    intents: [['mail']],
    hasServer: true,
    faults: [fault('far', '401')],
    acts: [
      { kind: 'gate', at: 1_090, device: 0, action: 'kill' },
      { kind: 'gate', at: 30_000, device: 0, action: 'run' },
    ],
  }),
  schedule('work taken back after the clock was mended', {
    intents: [['bulk']],
    hasServer: true,
    faults: [fault('server', 'busy', 1, 1e15)],
    acts: [
      { kind: 'clock', at: 500, device: 0, toMs: YEAR_2097 },
      { kind: 'rescue', at: 5_000, device: 0, to: 9 },
    ],
  }),
  schedule('two workers and a token that must be renewed', {
    intents: [['mail'], ['thread', { thread: 1 }]],
    hasServer: true,
    device: { workers: 2, isLockBroken: true },
    faults: [fault('far', '401'), fault('auth', 'slow', 2)],
    acts: [{ kind: 'wake', at: 1_350, device: 0 }],
  }),
]
