/** A memory that is there and cannot be read may hold a stop: it never lets run (law 7). */
import { expect, test } from 'vitest'
import { ACTIONS } from '../support/core-fixtures.ts'
import { createWorld, emptyDisk, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { boot, ask, look, signIn, wake } from '../support/runtime-driver.ts'

const RUN = { version: 3, issued: '2026-01-01T00:00:00Z', expires: '2099-01-01T00:00:00Z', action: 'run' }

const start = async (gate: unknown, change: (world: World) => void = () => undefined) => {
  const world = createWorld({ ...emptyDisk(), gate })
  const server = withServer(world)
  world.flag = undefined
  change(world)
  const runtime = boot(world, ACTIONS)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  return { world, server, runtime }
}

test.each([
  ['junk', 'junk', 0],
  ['a document of another kind', { document: { ...RUN, action: 'pause' }, envOff: false }, 2],
  ['no document at all', { envOff: false }, 0],
] as const)('a gate whose memory is %s holds effects until a word comes that is no older', async (_what, stored, version) => {
  const { world, runtime } = await start(stored)
  expect(runtime.gate.view()).toMatchObject({ state: 'readonly', version })
  world.flag = { ...RUN, version }
  await runtime.gate.refresh()
  expect(runtime.gate.view().state).toBe('readonly')
  world.flag = RUN
  await runtime.gate.refresh()
  expect(runtime.gate.view()).toMatchObject({ state: 'run', version: 3 })
  await ask(runtime, 'mail', { to: 'a' }, 'm')
  await wake(runtime)
  expect((await look(runtime, 'm'))?.status).toBe('done')
})

test('storage that cannot be asked holds as well; where there is nothing, nothing holds', async () => {
  const broken = await start(undefined, (world) => {
    world.ports.gateStore.load = () => Promise.reject(new DOMException('gone', 'UnknownError'))
  })
  expect(broken.runtime.gate.view().state).toBe('readonly')
  expect((await start(undefined)).runtime.gate.view()).toMatchObject({ state: 'run', version: 0 })
  expect((await start({ document: null, envOff: false })).runtime.gate.view().state).toBe('run')
})

test('that a build was switched off is read for itself, and each of the two holds without the other', async () => {
  expect((await start({ document: 'junk', envOff: true })).runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'env' })
  expect((await start({ document: { ...RUN, action: 'kill' }, envOff: 'junk' })).runtime.gate.view().state).toBe('kill')
  expect((await start({ document: { ...RUN, action: 'kill' }, envOff: false })).runtime.gate.view()).toMatchObject({ state: 'kill', cause: 'remote' })
})
