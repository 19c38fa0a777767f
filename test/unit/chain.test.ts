/** This device's name at the server, and how much of its audit chain the server has. */
import { expect, test } from 'vitest'
import { chain, GENESIS, type AuditEntry } from '../../src/audit/entry.ts'
import { createDeviceChain, type DeviceChain } from '../../sw/runtime/device-chain.ts'
import { createWorld, type World } from '../support/memory-ports.ts'

const ANNA = { tenant: 'demo', user: 'anna' }
const BEN = { tenant: 'demo', user: 'ben' }

const entries = (count: number): AuditEntry[] => {
  const made: AuditEntry[] = []
  for (let i = 1; i <= count; i++) made.push(chain(made.at(-1) ?? GENESIS, { at: i, kind: 'done', receipt: 'r', digest: 'd' }))
  return made
}

/** A device whose chain has five entries. */
const device = async (): Promise<{ world: World; device: DeviceChain; all: AuditEntry[] }> => {
  const world = createWorld()
  const all = entries(5)
  world.disk.entries.push(...all)
  world.disk.head = all[4] as AuditEntry
  const made = createDeviceChain(world.ports)
  await made.load()
  return { world, device: made, all }
}

const seqs = (list: readonly AuditEntry[]): number[] => list.map(({ seq }) => seq)
const said = (entry: AuditEntry | typeof GENESIS, isForked = false) => ({ seq: entry.seq, hash: entry.hash, isForked })

test('nothing is owed before the server has said where it stands; then what it has not, as much as there is room for', async () => {
  const { device: mine, all } = await device()
  expect(await mine.owed(ANNA, 10)).toEqual([])
  await mine.heard(ANNA, mine.deviceId(), said(all[1] as AuditEntry))
  expect(seqs(await mine.owed(ANNA, 10))).toEqual([3, 4, 5])
  expect(seqs(await mine.owed(ANNA, 2))).toEqual([3, 4])
  expect(await mine.owed(ANNA, 0)).toEqual([])
  expect(await mine.owed(BEN, 10)).toEqual([])
  expect([await mine.isBehind(ANNA), await mine.isBehind(BEN)]).toEqual([true, true])
  await mine.heard(ANNA, mine.deviceId(), said(all[4] as AuditEntry))
  expect(await mine.isBehind(ANNA)).toBe(false)
})

test('its name is kept, and what the server says of another name is not about this device', async () => {
  const { world, device: mine, all } = await device()
  const name = mine.deviceId()
  const again = createDeviceChain(world.ports)
  await again.load()
  expect(again.deviceId()).toBe(name)
  await again.heard(ANNA, 'an earlier name', said(all[4] as AuditEntry, true))
  expect([again.deviceId(), again.place(ANNA)]).toEqual([name, undefined])
})

test('before a hole in the chain the server gets what is whole; a device that is new there begins where its chain does', async () => {
  const { world, device: mine, all } = await device()
  await mine.heard(ANNA, mine.deviceId(), said(all[0] as AuditEntry))
  world.disk.entries.splice(2, 1)
  expect(seqs(await mine.owed(ANNA, 10))).toEqual([2])

  const fresh = await device()
  await fresh.device.heard(ANNA, fresh.device.deviceId(), said(GENESIS))
  fresh.world.disk.entries.splice(0, 2)
  expect(seqs(await fresh.device.owed(ANNA, 10))).toEqual([3, 4, 5])
})

test.each([
  ['the server says so', (all: AuditEntry[]) => said(all[1] as AuditEntry, true)],
  ['it has another entry there', (all: AuditEntry[]) => ({ ...said(all[1] as AuditEntry), hash: 'f'.repeat(64) })],
])('a copied profile (%s) takes a new name once; a chain that forks again stays here', async (_how, fork) => {
  const { world, device: mine, all } = await device()
  const first = mine.deviceId()
  await mine.heard(ANNA, first, fork(all))
  const second = mine.deviceId()
  expect(second).not.toBe(first)
  expect(mine.place(ANNA)).toBeUndefined()
  await mine.heard(ANNA, second, fork(all))
  expect(mine.deviceId()).toBe(second)
  expect([await mine.isBehind(ANNA), await mine.owed(ANNA, 10)]).toEqual([false, []])
  expect(world.lines).toHaveLength(2)
})
