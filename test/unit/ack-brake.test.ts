import { expect, test } from 'vitest'
import { LIMITS } from '../../supabase/functions/_shared/limits.ts'
import { createAckBrake } from '../../supabase/functions/maestro-flag/ack-brake.ts'

const { ackDeviceMax, ackStrangersMax, rateWindowMs } = LIMITS

const braked = () => {
  let at = 0
  const brake = createAckBrake(() => at)
  return {
    brake,
    wait: (ms: number) => (at += ms),
    junk: (count: number, from = 0) => Array.from({ length: count }, (_, i) => brake.before(`s${from + i}`)),
  }
}

test('strangers share one window whatever they call themselves, and wait for its end', () => {
  const { brake, wait, junk } = braked()
  expect(new Set(junk(ackStrangersMax))).toEqual(new Set([0]))
  wait(rateWindowMs - 2_500)
  expect(brake.before('another')).toBe(3)
  wait(2_500)
  expect(brake.before('another')).toBe(0)
})

test('devices that prove themselves do not fill it, and are let through when strangers have', () => {
  const { brake, junk } = braked()
  for (let i = 0; i < ackStrangersMax * 2; i += 1) {
    expect(brake.before(`d${i}`)).toBe(0)
    brake.proven(`d${i}`)
  }
  junk(ackStrangersMax)
  expect([brake.before('d0'), brake.before('late') > 0]).toEqual([0, true])
})

test('one device’s own statements are braked too, proven or not, and nobody else’s by them', () => {
  const { brake, wait } = braked()
  brake.before('loop')
  brake.proven('loop')
  for (let i = 1; i < ackDeviceMax; i += 1) expect(brake.before('loop')).toBe(0)
  expect([brake.before('loop') > 0, brake.before('other')]).toEqual([true, 0])
  wait(rateWindowMs)
  expect(brake.before('loop')).toBe(0)
})
