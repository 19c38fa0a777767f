/** The device key where it lies: made once, and never written over what cannot be read. */
import { expect, test } from 'vitest'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { createWebCryptoKeyring } from '../../sw/adapters/webcrypto-keyring.ts'

const KEY = 'device/1'
const CONTEXT = { store: 's', record: 'r', owner: 'o', shape: 1 }

const newDisk = () => {
  const kept = new Map<string, unknown>()
  let turn: Promise<unknown> = Promise.resolve()
  const disk = {
    kept,
    refuses: (_name: string): boolean => false,
    keyring: () =>
      createWebCryptoKeyring({
        log: { line: () => undefined },
        lock: {
          hold(_name, work) {
            const run = turn.then(work)
            turn = run.catch(() => undefined)
            return run
          },
        },
        database: {
          get: async (name) => kept.get(name),
          async set(name, value) {
            if (disk.refuses(name)) throw new DOMException('no', 'QuotaExceededError')
            kept.set(name, value)
          },
          remove: async (name) => void kept.delete(name),
          exists: async () => true,
          onLost: () => undefined,
        },
      }),
  }
  return disk
}

test('two workers that start at once have one device key: what one seals the other opens', async () => {
  const disk = newDisk()
  const [one, two] = [disk.keyring(), disk.keyring()]
  const started = await Promise.all([one.start(), two.start()])
  expect(started.map((start) => start.ok && start.value.made).toSorted()).toEqual([false, true])
  expect(await two.open(CONTEXT, await one.seal(CONTEXT, utf8ToBytes('x')))).toMatchObject({ ok: true })
})

test('what lies in the key’s place and is none is set aside, each time in a place of its own; where it cannot be, no key is made', async () => {
  const disk = newDisk()
  disk.kept.set(KEY, 'first')
  disk.refuses = (name) => name.includes('aside')
  expect(await disk.keyring().start()).toEqual({ ok: false, error: 'DB_UNOPENABLE' })
  expect([...disk.kept]).toEqual([[KEY, 'first']])
  disk.refuses = () => false
  for (const [damage, place] of [
    ['first', 'aside/1'],
    ['second', 'aside/2'],
  ] as const) {
    disk.kept.set(KEY, damage)
    expect(await disk.keyring().start()).toMatchObject({ ok: true, value: { made: true, durable: true } })
    expect(disk.kept.get(`${KEY}/${place}`)).toBe(damage)
  }
  expect(disk.kept.get(`${KEY}/aside/1`)).toBe('first')
  expect(await disk.keyring().start()).toMatchObject({ ok: true, value: { made: false } })
})
