import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EMAIL, EVENT, newKey } from '../support/ask.ts'
import { effectsOf } from '../support/effects.ts'
import { filePage } from '../support/file-browser.ts'
import { cancel, execute, settled, snapshotOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
/** The windows are waited for side by side; the worker that is stopped meanwhile is another browser's. */
const [open, stopped] = [filePage(() => demo().origin), filePage(() => demo().origin)]
const WINDOW_MS = 10_000

test.concurrent('an event waits its undo window, needs no click, and is then made once', async () => {
  const page = open.page()
  const key = newKey('event')
  const asked = Date.now()
  expect((await execute(page, 'event.create', EVENT, { key })).status).toBe('queued')
  const receipt = (await snapshotOf(page))?.receipts.find((each) => each.key === key)
  expect(receipt).toMatchObject({ lane: 'YELLOW', waitingFor: 'undo window' })
  await sleep(WINDOW_MS / 2)
  expect(await effectsOf(demo().origin, key)).toEqual([])
  expect((await settled(page, key)).status).toBe('done')
  const took = Date.now() - asked
  expect(took).toBeGreaterThan(WINDOW_MS - 500)
  expect(took).toBeLessThan(WINDOW_MS + 5_000)
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test.concurrent('an event that is cancelled within its window is never made', async () => {
  const page = open.page()
  const key = newKey('cancelled')
  await execute(page, 'event.create', EVENT, { key })
  await sleep(1_000)
  expect(await cancel(page, key)).toBe(true)
  expect(await settled(page, key)).toMatchObject({ status: 'cancelled', failure: { code: 'CANCELLED' } })
  await sleep(WINDOW_MS + 1_000)
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test.concurrent('what is done cannot be cancelled', async () => {
  const page = open.page()
  const { key } = await execute(page, 'email.send', EMAIL)
  await settled(page, key)
  expect(await cancel(page, key)).toBe(false)
  expect((await settled(page, key)).status).toBe('done')
})

test.concurrent('an undo window goes on when the worker is stopped in the middle of it (law 4)', async () => {
  const page = stopped.page()
  const key = newKey('stopped-window')
  await execute(page, 'event.create', EVENT, { key })
  await stopped.browser().stopWorkers()
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})
