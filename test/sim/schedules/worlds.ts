import { approve, fault, schedule, type Schedule } from './schedule.ts'

const both = { workers: 2, isLockBroken: true } as const

/** What happens around the actions: servers that fail, networks, gates, people, builds, two of everything. */
export const WORLDS: readonly Schedule[] = [
  ...['lose-request', 'lose-answer', 'late', '401', 'failing', 'busy'].map((kind) =>
    schedule(`the shared ledger meets ${kind}`, {
      intents: [['mail']],
      hasServer: true,
      faults: [fault('server', kind, 1, kind === 'busy' ? 7_000 : undefined)],
    }),
  ),
  schedule('the completion is lost', {
    intents: [['mail']],
    hasServer: true,
    faults: [fault('server', 'lose-answer', 3), fault('server', 'lose-answer', 2)],
  }),
  ...['abort', 'quota', 'unopenable'].map((kind) =>
    schedule(`the second commit meets ${kind}`, { intents: [['mail']], faults: [fault('commit', kind, 2)] }),
  ),
  schedule('the third commit meets quota', { intents: [['mail']], faults: [fault('commit', 'quota', 3)] }),
  schedule('offline and back', {
    intents: [['mail'], ['fax']],
    acts: [
      { kind: 'offline', at: 500, device: 0 },
      { kind: 'online', at: 4_000, device: 0 },
    ],
  }),
  schedule('no page and no background sync', {
    intents: [['mail']],
    device: { hasSync: false },
    acts: [{ kind: 'close-pages', at: 1_050, device: 0 }],
  }),
  schedule('a kill and back to run', {
    intents: [['mail'], ['mail']],
    hasServer: true,
    acts: [
      { kind: 'gate', at: 1_020, device: 0, action: 'kill' },
      { kind: 'gate', at: 20_000, device: 0, action: 'run' },
    ],
  }),
  schedule('readonly and back to run', {
    intents: [['note'], ['mail']],
    hasServer: true,
    acts: [
      { kind: 'gate', at: 500, device: 0, action: 'readonly' },
      { kind: 'gate', at: 20_000, device: 0, action: 'run' },
    ],
  }),
  schedule('another person signs in', {
    intents: [['mail'], ['pay']],
    hasServer: true,
    acts: [
      { kind: 'sign-out', at: 1_320, device: 0 },
      { kind: 'sign-in', at: 2_000, device: 0, user: 'ben' },
    ],
  }),
  schedule('tokens are revoked', { intents: [['mail']], hasServer: true, acts: [{ kind: 'revoke', at: 1_001, device: 0 }] }),
  schedule('an update in the middle', { intents: [['mail'], ['post']], acts: [{ kind: 'update', at: 1_310, device: 0 }] }),
  schedule('the clock goes to 2099 and back', {
    intents: [['mail'], ['sign']],
    faults: [fault('far', '503')],
    acts: [
      { kind: 'clock', at: 500, device: 0, toMs: 4_070_908_800_000 },
      { kind: 'clock', at: 3_000, device: 0, toMs: 1_800_000_003_000 },
    ],
  }),
  schedule('two workers, both granted the lock', { intents: [['mail'], ['fax']], device: both }),
  schedule('two tabs ask the same', {
    intents: [['mail']],
    isManual: true,
    acts: [{ kind: 'execute', at: 1_000, device: 0, slot: 0, intent: 0, twice: true }],
    device: { workers: 2 },
  }),
  schedule('two tabs approve the same', { intents: [['pay']], acts: [approve(0, 2_000), approve(0, 2_001)], device: both, hasServer: true }),
  schedule('two devices ask the same', {
    intents: [['mail']],
    hasServer: true,
    isManual: true,
    second: {},
    acts: [0, 1].map((device) => ({ kind: 'execute', at: 1_000 + device, device, slot: 0, intent: 0 }) as const),
  }),
  schedule('two devices ask the same of an un-keyed route', {
    intents: [['fax']],
    hasServer: true,
    isManual: true,
    second: {},
    acts: [0, 1].map((device) => ({ kind: 'execute', at: 1_000 + device, device, slot: 0, intent: 0 }) as const),
  }),
]
