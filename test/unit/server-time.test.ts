import { expect, test } from 'vitest'
import { createServerTime } from '../../sw/runtime/server-time.ts'
import { createWorld } from '../support/memory-ports.ts'

test('the server’s time goes on by a clock that nobody sets, whatever this device’s clock is set to', () => {
  const world = createWorld()
  const time = createServerTime(world.ports, true)
  world.elapsed = 5_000
  time.learn(1_000_000)
  world.now += 365 * 86_400_000
  world.elapsed += 2_000
  expect(time.now()).toBe(1_002_000)
})

test('the newest word of the server counts', () => {
  const world = createWorld()
  const time = createServerTime(world.ports, true)
  time.learn(1_000_000)
  world.elapsed += 1_000
  time.learn(3_000_000)
  expect(time.now()).toBe(3_000_000)
})

test('before its first word nothing may expire by it; where there is no server, this device’s clock is all there is', () => {
  const world = createWorld()
  const [before, alone] = [createServerTime(world.ports, true), createServerTime(world.ports, false)]
  expect([before.isKnown(), alone.isKnown()]).toEqual([false, true])
  expect([before.now(), alone.now()]).toEqual([world.now, world.now])
  before.learn(1)
  expect(before.isKnown()).toBe(true)
})
