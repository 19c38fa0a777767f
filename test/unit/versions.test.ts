import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as v from '../../src/protocol/schema.ts'
import { http } from '../../sw/boot/effects.ts'
import { SHAPE } from '../../sw/core/receipt-record.ts'
import { upcast } from '../../sw/core/upcast.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, emptyDisk, type MemoryDisk } from '../support/memory-ports.ts'
import { boot, decide, look, snapshot, wake } from '../support/runtime-driver.ts'

type Recorded = { shape: number; owner: string; rev: number; order: number; record: { id: string; key: string; state: string } }

/** Every shape that was ever written, as a queue recorded from the build that wrote it. */
const RECORDED = [1] as const
const recorded = (shape: number): Recorded[] => JSON.parse(readFileSync(`test/vectors/receipts/v${shape}.json`, 'utf8')) as Recorded[]

const actions: Actions = {
  ...ACTIONS,
  step: {
    version: 1,
    params: v.strictObject({ thread: v.string(), n: v.number() }),
    lane: { base: 'GREEN', because: 'known' },
    sequence: ({ thread }) => String(thread),
    effect: http({ url: '/api/step' }),
  },
}

const seal = (record: unknown): Uint8Array => Uint8Array.from(new TextEncoder().encode(JSON.stringify(record)), (byte) => byte ^ 0x5a)

const diskOf = (rows: readonly Recorded[]): MemoryDisk => {
  const disk = emptyDisk()
  for (const { shape, owner, rev, order, record } of rows)
    disk.rows.set(record.id, { id: record.id, shape, owner, rev, order, open: 1, sealed: seal(record) })
  return disk
}

test('every recorded shape below the present one has a queue to replay', () => {
  expect(RECORDED).toEqual(Array.from({ length: SHAPE - 1 }, (_, i) => i + 1))
})

test.each(RECORDED)('a record of shape %i comes up to the present one, and one that lacks a member does not', (shape) => {
  for (const { record } of recorded(shape)) {
    expect(upcast(shape, record)).toMatchObject({ v: SHAPE, id: record.id, key: record.key })
    expect(upcast(shape, { ...record, key: undefined })).toBeNull()
  }
})

test('a shape that no build ever wrote is not guessed at', () => {
  expect(upcast(0, recorded(1)[0]?.record)).toBeNull()
  expect(upcast(-1, {})).toBeNull()
})

test.each(RECORDED)('a queue recorded at shape %i is carried on: everything waiting runs once, nothing ended runs again (trap 22)', async (shape) => {
  const world = createWorld(diskOf(recorded(shape)))
  const runtime = boot(world, actions)
  await wake(runtime)
  const statuses = async (...keys: string[]) => Promise.all(keys.map(async (key) => (await look(runtime, key))?.status))
  expect(await statuses('done-note', 'done-mail', 'waiting-mail', 'waiting-step', 'approved-pay')).toEqual(Array(5).fill('done'))
  expect(await statuses('unknown-fax', 'dead-step', 'asking-pay', 'denied-pay', 'cancelled-mail')).toEqual([
    'unknown',
    'dead',
    'awaiting-approval',
    'denied',
    'cancelled',
  ])
  await decide(runtime, 'asking-pay', 'approve')
  await wake(runtime)
  world.now += 20_000
  await wake(runtime)
  expect(world.sent.map(({ key }) => key).toSorted()).toEqual(['approved-pay', 'asking-pay', 'undo-invite', 'waiting-mail', 'waiting-step'])
  expect(await snapshot(runtime)).toMatchObject({ quarantined: 0, parked: 0, attention: 2 })
})

test('a row of a newer build is parked: not read, not changed, and its neighbours go on (law 8, trap 23)', async () => {
  const [row] = recorded(1).filter(({ record }) => record.key === 'waiting-mail')
  const disk = diskOf(recorded(1))
  const newer = {
    id: 'f'.repeat(64),
    shape: SHAPE + 1,
    owner: row?.owner ?? '',
    rev: 4,
    order: 99,
    open: 1 as const,
    sealed: seal({ v: SHAPE + 1, anything: 1 }),
  }
  disk.rows.set(newer.id, newer)
  const runtime = boot(createWorld(disk), actions)
  await wake(runtime)
  expect(await look(runtime, 'waiting-mail')).toMatchObject({ status: 'done' })
  expect(disk.rows.get(newer.id)).toEqual(newer)
  expect(await snapshot(runtime)).toMatchObject({ parked: 1, quarantined: 0 })
})
