import { expect, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { fileBrowser } from '../support/file-browser.ts'
import { eventually } from '../support/eventually.ts'
import { execute, receiptOf, settled } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const one = fileBrowser()

test('the page reads the shared ledger by the worker’s session, and keeps no session of its own', async () => {
  const page = await one().visit(demo().origin)
  const key = newKey('shared')
  await execute(page, 'email.send', EMAIL, { key })
  expect((await settled(page, key)).status).toBe('done')
  await eventually('the ledger has heard of it', async () => (await receiptOf(page, key))?.synced)
  await page.getByRole('tab', { name: 'Receipts' }).click()
  await page.getByText('Compare with the shared ledger').click()
  const row = page
    .getByRole('list', { name: 'What the shared ledger holds' })
    .getByRole('listitem')
    .filter({ hasText: key.slice(-8) })
  await row.getByText('there: done · here: done').waitFor()
  expect(await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }).filter((name) => name.startsWith('sb-')))).toEqual([])
})
