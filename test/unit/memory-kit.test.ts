/** The memory kit's commands as a page calls them, over a disk that can be held up. */
import { expect, test } from 'vitest'
import { err } from '../../src/base/result.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { createAccount } from '../../src/memory/unlock/unlockers.ts'
import { ownerOf } from '../../sw/core/admit.ts'
import type { MemoryStore } from '../../sw/ports/memory-store.ts'
import type { KitHost } from '../../sw/runtime/kit.ts'
import { createMemoryKit } from '../../sw/runtime/memory-kit.ts'
import { createWorld } from '../support/memory-ports.ts'
import { createDevice, createFakeServer, DEMO, type Device } from '../support/memory-world.ts'

const account = createAccount([{ kind: 'recovery-code', text: `${'abandon '.repeat(23)}art` }])

const kitOf = (device: Device, store: MemoryStore, tokens: Principal[] = [], server: ReturnType<typeof createFakeServer> | null = null) => {
  const { ports } = createWorld()
  const host = {
    ...ports,
    gate: { view: () => ({ state: 'run' }) },
    principal: () => DEMO,
    async token(owner: Principal) {
      tokens.push(owner)
      return 'token'
    },
    changed: () => undefined,
  } as unknown as KitHost
  const kit = createMemoryKit(host, {
    account: device.account,
    memoryStore: store,
    marker: { read: async () => true, write: async () => undefined },
    server,
    embed: null,
    estimate: async () => ({ usage: null, quota: null }),
  })
  return (name: string, args: object = {}) => {
    const command = kit.commands?.[name]
    if (!command) throw new Error(name)
    return command.run(args, { gate: host.gate.view() })
  }
}

/** A device whose keys were changed, and whose worker ended before its records were sealed anew. */
const unfinished = async (): Promise<Device> => {
  const device = createDevice('a', createFakeServer())
  await device.memory.put(DEMO, { tier: 't1', key: 'k', value: 'old', confirmed: true, ttlMs: undefined, subject: undefined })
  await device.account.adopt(ownerOf(DEMO), await account)
  return device
}

test('what an earlier worker left unsealed is finished once, alone: whoever comes meanwhile waits, and finds it', async () => {
  const device = await unfinished()
  let sweeps = 0
  const call = kitOf(device, {
    ...device.store,
    async all(...asked) {
      if (asked[0] === 'subjects') sweeps++
      await new Promise((resolve) => setTimeout(resolve, 5))
      return device.store.all(...asked)
    },
  })
  const answers = await Promise.all([
    call('memoryGet', { tier: 't1', key: 'k' }),
    call('memoryPut', { tier: 't1', key: 'k', value: 'new', confirmed: true }),
    call('memoryGet', { tier: 't1', key: 'k' }),
  ])
  expect(answers[0]).toMatchObject({ ok: true, value: { found: true } })
  expect(answers[1]).toMatchObject({ ok: true })
  expect(sweeps).toBe(1)
  expect(await call('memoryGet', { tier: 't1', key: 'k' })).toMatchObject({ ok: true, value: { value: 'new' } })
  expect(await device.account.load(ownerOf(DEMO))).toMatchObject({ value: { retiring: [] } })
})

test('what could not be finished because the disk was away is finished when it is back', async () => {
  const device = await unfinished()
  let isAway = true
  const call = kitOf(device, {
    ...device.store,
    all: async (...asked) => (isAway ? err({ code: 'UNOPENABLE', name: 'UnknownError' }) : device.store.all(...asked)),
  })
  expect(await call('memoryList', { tier: 't1', after: -1, limit: 10 })).toMatchObject({ ok: false, error: { code: 'STORAGE_FAILED' } })
  expect(await device.account.load(ownerOf(DEMO))).toMatchObject({ value: { retiring: [expect.any(String)] } })
  isAway = false
  expect(await call('memoryGet', { tier: 't1', key: 'k' })).toMatchObject({ ok: true, value: { value: 'old' } })
  expect(await device.account.load(ownerOf(DEMO))).toMatchObject({ value: { retiring: [] } })
})

test('the kit asks for the token of the person whose memory it brings to the server', async () => {
  const device = await unfinished()
  const tokens: Principal[] = []
  const call = kitOf(device, device.store, tokens, createFakeServer())
  expect(await call('memorySync')).toMatchObject({ ok: true })
  expect(await call('account')).toMatchObject({ ok: true })
  expect(tokens.length).toBeGreaterThan(1)
  for (const owner of tokens) expect(owner).toEqual(DEMO)
})
