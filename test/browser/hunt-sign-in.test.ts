import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ask, compare, drained, intent, receiptsOf } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'
import { snapshotOf } from '../support/in-page.ts'
import type { MaestroWindow } from '../support/in-page.ts'

const CLEAN = { lost: [], repeated: [] }

test('a refused token is asked for anew once, then everything of this person waits for a sign-in, costs no attempt, and goes out once after it (trap 12)', async () => {
  const { farEnd, browser, page } = await visitHunted()
  await browser.offline(true)
  const intents = Array.from({ length: 12 }, (_, i) => intent(i + 1, i % 2 === 0 ? 'hunt.keyed' : 'hunt.bulk'))
  await ask(page, intents)
  farEnd.revoke()
  const tokensBefore = farEnd.tokenRequests()
  await browser.offline(false)
  await eventually('the page is told to sign in', async () => (await snapshotOf(page))?.needsSignIn === true)
  expect(farEnd.tokenRequests() - tokensBefore).toBe(1)
  // Those that were under way beside the first that was refused still arrive.
  await sleep(1_000)
  const requests = farEnd.arrivals.length
  await sleep(3_000)
  expect(farEnd.arrivals.length, 'nothing is asked in vain').toBe(requests)
  const asked = farEnd.arrivals.flatMap(({ path, items }) => (path.startsWith('/api/') ? items : []))
  expect(asked, 'none is sent twice').toEqual([...new Set(asked)])
  expect(farEnd.tokenRequests() - tokensBefore).toBe(1)
  for (const receipt of await receiptsOf(page, intents)) expect(receipt).toMatchObject({ waitingFor: 'sign-in' })
  expect(farEnd.backEnd.effects).toEqual([])

  await browser.stopWorkers()
  expect(await page.evaluate(() => (window as unknown as MaestroWindow).maestro.signIn({ email: 'demo@example.com', password: 'demo' }))).toBeNull()
  expect(compare(farEnd, intents, await drained(page, intents, 15_000))).toEqual(CLEAN)
  expect((await snapshotOf(page))?.needsSignIn).toBe(false)
})
