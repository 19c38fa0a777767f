import { expect, test } from 'vitest'
import { newKey, PAYMENT } from '../support/ask.ts'
import { approvalButton, decide } from '../support/dialog.ts'
import { filePage } from '../support/file-browser.ts'
import { execute } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { violationsOf } from '../support/violations.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

for (const colorScheme of ['light', 'dark'] as const)
  test(`the demo and the approvals dialog have no accessibility violations in ${colorScheme} mode`, async () => {
    const page = open.page()
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await violationsOf(page)).toEqual([])
    await execute(page, 'payment.transfer', PAYMENT, { key: newKey('axe') })
    const approve = approvalButton(page, 'Approve')
    await approve.waitFor()
    await expect.poll(() => approve.isEnabled(), { timeout: 5_000 }).toBe(true)
    expect(await violationsOf(page)).toEqual([])
    await decide(page, 'Deny')
    await page.locator('maestro-approvals').getByRole('dialog').waitFor({ state: 'hidden' })
  })

test('the search for violations finds one that is there', async () => {
  const page = await open.browser().visit(demo().origin)
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<main><img src="data:,"><button></button></main>'))
  expect((await violationsOf(page)).map(({ id }) => id)).toEqual(expect.arrayContaining(['image-alt', 'button-name']))
})

test('nothing scrolls sideways on a small screen', async () => {
  const page = await open.browser().visit(demo().origin)
  await page.setViewportSize({ width: 360, height: 640 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
})
