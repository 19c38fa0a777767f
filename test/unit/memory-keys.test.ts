import { expect, test } from 'vitest'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { ok } from '../../src/base/result.ts'
import type { AccountHandles } from '../../src/protocol/account.ts'
import type { LogLine } from '../../src/protocol/messages.ts'
import { changeAccount, createAccount } from '../../src/memory/unlock/unlockers.ts'
import type { SealContext } from '../../sw/ports/keyring.ts'
import { classifyKeys } from '../../sw/runtime/key-state.ts'
import { createSharedLock } from '../../sw/runtime/shared-lock.ts'
import { createDevice, createFakeServer, DEMO } from '../support/memory-world.ts'

const CODE = { kind: 'recovery-code', text: `${'abandon '.repeat(23)}art` } as const
const OTHER = { kind: 'recovery-code', text: `${'zoo '.repeat(23)}vote` } as const
const made = createAccount([CODE])
const changed = async (): Promise<AccountHandles> => {
  const answer = await changeAccount((await made).unlockers, CODE, OTHER)
  if (!answer.ok) throw new Error(answer.error)
  return answer.value
}

test('the same intent has one digest on all devices of a person that have unlocked the account, and none elsewhere (decision 0013)', async () => {
  const server = createFakeServer()
  const [a, b, stranger] = ['a', 'b', 'c'].map((name) => createDevice(name, server)) as [
    ReturnType<typeof createDevice>,
    ReturnType<typeof createDevice>,
    ReturnType<typeof createDevice>,
  ]
  const digest = (device: typeof a, text = 'f'.repeat(64)) => device.person.digest(DEMO, text)
  expect(await digest(a)).toBeNull()
  await a.person.adopt(DEMO, await made)
  await b.person.adopt(DEMO, await made)
  const first = await digest(a)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(first).not.toBe('f'.repeat(64))
  expect(await digest(b)).toBe(first)
  expect(await digest(a, 'e'.repeat(64))).not.toBe(first)
  expect(await digest(stranger)).toBeNull()
  await stranger.person.adopt({ ...DEMO, user: 'ben' }, await createAccount([OTHER]))
  expect(await stranger.person.digest({ ...DEMO, user: 'ben' }, 'f'.repeat(64))).not.toBe(first)
  // A new root changes how things are sealed, not what they are called.
  await a.person.adopt(DEMO, await changed())
  expect(await digest(a)).toBe(first)
})

test('a device knows whether there is an account, whether it has the keys, and whether they were changed elsewhere', async () => {
  const server = createFakeServer()
  const [a, b] = [createDevice('a', server), createDevice('b', server)]
  const view = async (device: typeof a) => {
    const seen = await device.person.view(DEMO)
    return seen.ok ? [seen.value.state, seen.value.generation] : seen.error.code
  }
  expect(await view(a)).toEqual(['none', 0])
  expect(await a.person.adopt(DEMO, await made)).toMatchObject({ ok: true })
  expect([await view(a), await view(b)]).toEqual([
    ['open', 1],
    ['locked', 1],
  ])
  expect(await b.person.adopt(DEMO, await made)).toMatchObject({ ok: true })
  expect(await a.person.adopt(DEMO, await changed())).toMatchObject({ ok: true })
  expect([await view(a), await view(b)]).toEqual([
    ['open', 2],
    ['locked', 2],
  ])
})

test('two devices that make an account at once have one: the later is told to unlock with what the first one set', async () => {
  const server = createFakeServer()
  const [a, b] = [createDevice('a', server), createDevice('b', server)]
  expect(await a.person.adopt(DEMO, await made)).toMatchObject({ ok: true })
  expect(await b.person.adopt(DEMO, await createAccount([OTHER]))).toMatchObject({ ok: false, error: { code: 'CLAIMED_ELSEWHERE' } })
  expect(await b.account.load('x')).toMatchObject({ value: { generation: 0 } })
  const [one, two] = [await changed(), await changed()]
  expect(await a.person.adopt(DEMO, one)).toMatchObject({ ok: true })
  expect(await b.person.adopt(DEMO, two)).toMatchObject({ ok: false, error: { code: 'CLAIMED_ELSEWHERE' } })
})

test('what the server keeps of the account must be an account, and keys are not taken while it cannot be asked', async () => {
  const server = createFakeServer()
  const device = createDevice('a', server)
  server.rows.set('account/unlockers', { store: 'account', id: 'unlockers', rev: 1, gone: false, sealed: utf8ToBytes('\u0001{"v":1}') })
  expect(await device.person.adopt(DEMO, await made)).toMatchObject({ ok: false, error: { code: 'RECORD_UNREADABLE' } })
  const away = createDevice('a', { ...server, read: async () => ({ ok: false, error: 'unreachable' }) })
  expect(await away.person.adopt(DEMO, await made)).toMatchObject({ ok: false, error: { code: 'OFFLINE_REFUSED' } })
  expect(await away.person.view(DEMO)).toMatchObject({ ok: true, value: { state: 'unknown' } })
})

/** A keyring whose key is a name: what another one sealed does not open. */
const world = () => {
  const secrets = new Map<string, Uint8Array>()
  const told: string[] = []
  let key = 'first'
  let isMade = true
  let isMarked = false
  const state = {
    told,
    start: (made: boolean, name = key) => {
      isMade = made
      key = name
    },
    wipe: () => secrets.clear(),
    clear: () => {
      secrets.clear()
      isMarked = false
    },
    fails: null as null | 'DB_UNOPENABLE' | 'KEY_NULL',
    classify: () =>
      classifyKeys({
        tell: ({ text }: LogLine) => void told.push(text),
        secrets: {
          get: async (name) => secrets.get(name),
          set: async (name, bytes) => void secrets.set(name, bytes),
          remove: async (name) => void secrets.delete(name),
        },
        marker: { read: async () => isMarked, write: async () => void (isMarked = true) },
        keyring: {
          start: async () => (state.fails ? { ok: false, error: state.fails } : ok({ made: isMade, durable: true })),
          seal: async (_context: SealContext, plain) => utf8ToBytes(`${key}|${new TextDecoder().decode(plain)}`),
          open: async (_context: SealContext, sealed) => {
            const [name, text = ''] = new TextDecoder().decode(sealed).split('|')
            return name === key ? ok(utf8ToBytes(text)) : { ok: false, error: 'KEY_MISMATCH' }
          },
          tag: async () => '',
          digest: async () => '',
        },
      }),
  }
  return state
}

test('a start tells a first run, a kept key, a lost one, a changed one and a loss apart, and says what was lost once (REQ 0-5, 1-11)', async () => {
  const device = world()
  expect(await device.classify()).toBe('FIRST_RUN')
  device.start(false)
  expect(await device.classify()).toBe('OK')
  expect(device.told).toEqual([])
  device.start(true, 'second')
  expect(await device.classify()).toBe('KEY_NULL')
  device.start(false)
  expect(await device.classify()).toBe('OK')
  device.start(false, 'third')
  expect(await device.classify()).toBe('KEY_MISMATCH')
  device.wipe()
  device.start(true, 'fourth')
  expect(await device.classify()).toBe('DATA_LOSS')
  expect(device.told.map((text) => text.slice(0, 28))).toEqual([
    '[MAESTRO] Device key lost: w',
    '[MAESTRO] Device key changed',
    '[MAESTRO] This device kept d',
  ])
  device.clear()
  device.start(true, 'fifth')
  expect(await device.classify()).toBe('FIRST_RUN')
  device.fails = 'DB_UNOPENABLE'
  expect(await device.classify()).toBe('DB_UNOPENABLE')
})

test('what changes the keys waits for what uses them, and whoever comes meanwhile waits for it', async () => {
  const lock = createSharedLock()
  const seen: string[] = []
  const step = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    seen.push(`${name} ends`)
  }
  await Promise.all([
    lock.shared(step('a')),
    lock.shared(step('b')),
    lock.alone(step('rotation')),
    lock.alone(step('another')),
    lock.shared(() => Promise.reject(new Error('it fails'))).catch(() => undefined),
    lock.shared(step('c')),
  ])
  expect(seen).toEqual([
    'a begins',
    'b begins',
    'a ends',
    'b ends',
    'rotation begins',
    'rotation ends',
    'another begins',
    'another ends',
    'c begins',
    'c ends',
  ])
})
