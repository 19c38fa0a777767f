/** The second browser. Where it is not installed these tests are skipped; `npm test` installs it where it can, and says so where it cannot. */
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey, PAYMENT } from '../support/ask.ts'
import { effectsOf } from '../support/effects.ts'
import { findFirefox } from '../support/ensure-firefox.mjs'
import { eventually } from '../support/eventually.ts'
import { startFirefox } from '../support/firefox.ts'
import type { Firefox } from '../support/firefox.ts'
import { flip } from '../support/flag.ts'
import { huntFlips } from '../support/hunt-flips.ts'
import { execute, receiptOf, settled, snapshotOf, statusOf } from '../support/in-page.ts'
import { ownDemo } from '../support/shared-demo.ts'

const demo = ownDemo()
const executable = findFirefox() ?? ''
const inFirefox = test.skipIf(executable === '')

const openFirefox = async (): Promise<Firefox> => {
  const browser = await startFirefox(executable)
  onTestFinished(() => browser.end())
  return browser
}

inFirefox(
  '30 kills in Firefox: the last effect is there within a second of the commit, and none is dropped or repeated (REQ 0-2, B-6, law 7)',
  async () => {
    await flip(demo(), 'run')
    const outcome = await huntFlips(demo(), { flips: 30, start: () => startFirefox(executable) })
    expect(outcome).toMatchObject({ flips: 30, dropped: 0, repeated: 0 })
    expect(outcome.intents_taken).toBeGreaterThan(40)
    // A measure that meets no effect under way would be 0 whatever the worker did.
    expect(outcome.in_flight).toBeGreaterThan(2)
    expect(outcome.flips_with_late_effect).toBeGreaterThan(5)
    expect(outcome.last_effect_ms.p99).toBeLessThan(1_000)
  },
)

inFirefox(
  'Firefox: an email runs, one asked offline waits for the network and is then sent once, a payment waits for a person (REQ 1-24, 1-38)',
  async () => {
    await flip(demo(), 'run')
    const browser = await openFirefox()
    const page = await browser.visit(demo().origin)
    const [green, offline, red] = [newKey('green'), newKey('offline'), newKey('red')]
    await execute(page, 'email.send', EMAIL, { key: green })
    expect((await settled(page, green)).status).toBe('done')

    await browser.offline(true)
    expect(await execute(page, 'email.send', EMAIL, { key: offline })).toMatchObject({ status: 'queued' })
    expect(await receiptOf(page, offline)).toMatchObject({ status: 'queued', waitingFor: 'network' })
    expect(await effectsOf(demo().origin, offline)).toEqual([])
    await browser.offline(false)
    expect((await settled(page, offline)).status).toBe('done')

    expect(await execute(page, 'payment.transfer', PAYMENT, { key: red })).toMatchObject({ status: 'awaiting-approval' })
    await page.decide('Approve')
    expect((await settled(page, red)).status).toBe('done')
    for (const key of [green, offline, red]) expect(await effectsOf(demo().origin, key), key).toHaveLength(1)
  },
)

inFirefox(
  'Firefox, which has no Background Sync: queued work outlives a SIGKILL and is done once, as soon as a page is open (REQ 1-24, law 12)',
  async () => {
    await flip(demo(), 'run')
    const browser = await openFirefox()
    const page = await browser.visit(demo().origin)
    await browser.offline(true)
    const key = newKey('killed')
    expect((await execute(page, 'email.send', EMAIL, { key })).status).toBe('queued')
    await browser.crash()
    expect(await effectsOf(demo().origin, key)).toEqual([])
    await browser.reopen()
    const again = await browser.visit(demo().origin)
    await eventually('the email is sent', async () => (await statusOf(again, key)) === 'done')
    expect(await effectsOf(demo().origin, key)).toHaveLength(1)
  },
)

inFirefox(
  'Firefox: a kill is heard by an open page, and stays when the worker is stopped, and when the browser is killed and comes back offline (REQ 0-2, B-7)',
  async () => {
    await flip(demo(), 'run')
    const browser = await openFirefox()
    const page = await browser.visit(demo().origin)
    await flip(demo(), 'kill')
    await eventually('the kill is heard', async () => (await snapshotOf(page))?.gate.state === 'kill', 2_000)
    const boot = (await snapshotOf(page))?.boot
    await browser.stopWorkers()
    expect(await execute(page, 'email.send', EMAIL)).toMatchObject({ status: 'disabled' })
    await eventually('another worker answers', async () => (await snapshotOf(page))?.boot !== boot)
    await browser.crash()
    await browser.reopen()
    await browser.offline(true)
    // What it cannot have heard must not matter: were it online after all, it would run.
    await flip(demo(), 'run')
    const again = await browser.visit(demo().origin)
    expect(await execute(again, 'email.send', EMAIL)).toMatchObject({ status: 'disabled' })
    await browser.offline(false)
    await eventually('leave to run is heard', async () => (await snapshotOf(again))?.gate.state === 'run', 20_000)
  },
)
