/** The actions that the simulator runs: one for each kind of effect and lane, in two builds. */
import { http, local, page } from '../../sw/boot/effects.ts'
import type { ActionDeclaration, Actions } from '../../sw/ports/action.ts'
import type { StandardSchema } from '../../src/protocol/standard-schema.ts'

const anything: StandardSchema = { '~standard': { version: 1, vendor: 'sim', validate: (value) => ({ value }) } }
const effectAnswer: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'sim',
    validate: (value) =>
      typeof (value as { id?: unknown } | null)?.id === 'string' ? { value } : { issues: [{ message: 'not an answer of the far end' }] },
  },
}

const lane = (base: 'GREEN' | 'YELLOW' | 'RED' | 'BLOCKED'): ActionDeclaration['lane'] => ({ base, because: `declared ${base}` })
const action = (base: Parameters<typeof lane>[0], effect: ActionDeclaration['effect'], more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  version: 1,
  params: anything,
  lane: lane(base),
  effect,
  ...more,
})

const mail = action('GREEN', http({ url: '/mail' }))

const FIRST: Actions = {
  note: action(
    'GREEN',
    local(({ ref }) => ({ noted: ref ?? null })),
  ),
  mail,
  post: action('GREEN', http({ url: '/post', answer: effectAnswer })),
  fax: action('GREEN', http({ url: '/fax', keyed: false })),
  print: action('GREEN', page('print')),
  thread: action('GREEN', http({ url: '/thread' }), { sequence: ({ thread }) => String(thread) }),
  bulk: action('GREEN', http({ url: '/bulk', batch: { url: '/bulk/batch', max: 3 } } as Parameters<typeof http>[0])),
  pay: action('RED', http({ url: '/pay' })),
  wire: action('RED', http({ url: '/wire', keyed: false })),
  invite: action('YELLOW', http({ url: '/invite' }), { undoMs: 10_000 }),
  sign: action('YELLOW', http({ url: '/sign' })),
  ban: action('BLOCKED', http({ url: '/ban' })),
}

const { post: _gone, ...rest } = FIRST

/** The newer build: one action has another version, one is gone, one is new. */
const SECOND: Actions = { ...rest, mail: { ...mail, version: 2 }, post2: action('GREEN', http({ url: '/post2' })) }

export const BUILDS: readonly Actions[] = [FIRST, SECOND]
