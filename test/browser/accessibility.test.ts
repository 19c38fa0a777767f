import { expect, test } from 'vitest'
import { newKey, PAYMENT } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { approvalButton } from '../support/dialog.ts'
import { execute } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { violationsOf } from '../support/violations.ts'

const demo = sharedDemo()

for (const colorScheme of ['light', 'dark'] as const)
  test(`the demo and the approvals dialog have no accessibility violations in ${colorScheme} mode`, async () => {
    const browser = await openBrowser()
    const page = await browser.visit(demo().origin)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violationsOf(page)).toEqual([])
    await execute(page, 'payment.transfer', PAYMENT, { key: newKey('axe') })
    const approve = approvalButton(page, 'Approve')
    await approve.waitFor()
    await expect.poll(() => approve.isEnabled(), { timeout: 5_000 }).toBe(true)
    expect(await violationsOf(page)).toEqual([])
  })

test('the search for violations finds one that is there', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<main><img src="data:,"><button></button></main>'))
  expect((await violationsOf(page)).map(({ id }) => id)).toEqual(expect.arrayContaining(['image-alt', 'button-name']))
})

test('nothing scrolls sideways on a small screen', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  await page.setViewportSize({ width: 360, height: 640 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
})
