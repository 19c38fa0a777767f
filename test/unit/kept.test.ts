import { expect, test } from 'vitest'
import { createKept } from '../../supabase/functions/_shared/kept.ts'

const counting = (keepMs: number) => {
  const world = { now: 0, made: 0, fails: false }
  const kept = createKept(
    async () => {
      world.made += 1
      const mine = world.made
      await Promise.resolve()
      if (world.fails) throw new Error('away')
      return mine
    },
    keepMs,
    () => world.now,
  )
  return { world, kept }
}

test('a reading is given again until it is too old, and made anew for another version', async () => {
  const { world, kept } = counting(10)
  expect(await kept.read(1)).toBe(1)
  world.now = 9
  expect(await kept.read(1)).toBe(1)
  expect(await kept.read(2)).toBe(2)
  world.now = 19
  expect(await kept.read(2)).toBe(3)
})

test('all who ask while it is made share it, also where nothing is kept', async () => {
  const { kept, world } = counting(0)
  expect(await Promise.all([kept.read(), kept.read(), kept.read()])).toEqual([1, 1, 1])
  expect(await kept.read()).toBe(2)
  expect(world.made).toBe(2)
})

test('what failed is not kept', async () => {
  const { kept, world } = counting(10)
  world.fails = true
  await expect(kept.read()).rejects.toThrow('away')
  world.fails = false
  expect(await kept.read()).toBe(2)
})
