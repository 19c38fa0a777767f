import { expect, test } from 'vitest'
import { createNoticesKit } from '../../sw/runtime/notices.ts'
import { ACTIONS } from '../consent/site.ts'
import { createWorld, emptyDisk } from '../support/memory-ports.ts'
import { ask, boot, decide, wake } from '../support/runtime-driver.ts'

const PAYMENT = { iban: 'DE89370400440532013000', amount: '80.00', currency: 'EUR', reference: 'Invoice 7' }

const start = (isInSight: boolean, disk = emptyDisk()) => {
  const seen: string[] = []
  const world = createWorld(disk)
  const kit = createNoticesKit({
    isInSight: async () => isInSight,
    show: async ({ title, body }) => void seen.push(`${title}: ${body}`),
    close: async () => void seen.push('closed'),
  })
  Object.assign(world.ports, { kits: [kit] })
  return { seen, disk, world, runtime: boot(world, ACTIONS) }
}

test('who has no page in sight is told once that something waits, without its values, until it is decided', async () => {
  const { seen, runtime } = start(false)
  await ask(runtime, 'payment.transfer', PAYMENT, 'p')
  await ask(runtime, 'payment.transfer', PAYMENT, 'p')
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['Transfer money: This waits for your approval.'])
  await decide(runtime, 'p', 'deny')
  await expect.poll(() => seen.at(-1), { timeout: 5_000 }).toBe('closed')
  expect(seen).toHaveLength(2)
})

test('who sees a page is not told beside it, and a worker that starts later tells nothing again', async () => {
  const visible = start(true)
  await ask(visible.runtime, 'payment.transfer', PAYMENT, 'p')
  await wake(visible.runtime)
  expect(visible.seen).toEqual([])
  const later = start(false, visible.disk)
  later.world.now += 120_000
  await wake(later.runtime)
  expect(later.seen).toEqual([])
})
