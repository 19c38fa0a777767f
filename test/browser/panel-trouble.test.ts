import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { button, calls, card, failWith, focused, group, lose, panelPages, rows } from './fixtures/panel/pages.ts'
import type { DriverWindow } from './fixtures/panel/pages.ts'
import { dead, receipt, unknown } from './fixtures/panel/receipt.ts'

const { open } = panelPages()

test('a failed item says why in words, and what waits for it stands beneath it', async () => {
  const blocked = { waitingFor: 'sequence', blockedBy: 'key-1', sequence: 's' } as const
  const page = await open([
    dead(1),
    receipt(2, blocked),
    receipt(3, { waitingFor: 'sequence', sequence: 't' }),
    receipt(4, { ...blocked, blockedBy: 'key-elsewhere' }),
  ])
  const failed = card(page, 'person1@example.com')
  await failed.getByText('Waits for ‘Send email’, which failed').waitFor()
  expect(await failed.textContent()).toContain('The server refused it. “the mail server takes no mail for this address”')
  expect(await failed.locator('.behind .row').count()).toBe(1)
  const others = group(page, 'Waiting for an earlier action')
  expect(await others.locator('.row').count()).toBe(2)
  expect(await others.textContent()).not.toContain('person2@example.com')
})

test('Retry brings a failed item back; a refused or lost retry is said in its card', async () => {
  const page = await open([dead(1)])
  await failWith(page, 'WORKER_FAULT', 'storage is busy')
  await button(page, 'Retry: Send email').click()
  await page.getByRole('alert').filter({ hasText: 'storage is busy' }).waitFor()
  await failWith(page, null)
  await lose(page, true)
  await button(page, 'Retry: Send email').click()
  await page.getByRole('alert').filter({ hasText: 'No answer came. Please try again.' }).waitFor()
  await lose(page, false)
  await button(page, 'Retry: Send email').click()
  await group(page, 'Next in line').waitFor()
  expect(await card(page, 'Send email').count()).toBe(0)
  expect(await calls(page, 'retry')).toHaveLength(3)
})

test('an item that may have run is not sent again before its risk was read', async () => {
  const page = await open([unknown(1)])
  await button(page, 'Retry: Transfer payment').click()
  await page.getByText('If it did, it happens a second time.').waitFor()
  await page.keyboard.press('Escape')
  expect(await calls(page, 'retry')).toEqual([])
  await button(page, 'Retry: Transfer payment').click()
  await button(page, 'Send it again').click()
  await group(page, 'Next in line').waitFor()
  expect(await calls(page, 'retry')).toMatchObject([{ key: 'key-1' }])
})

test('where the server keeps the key, an item that may have run is sent again at once', async () => {
  const page = await open([unknown(1, { guarantee: 'exactly-once' })])
  await button(page, 'Retry: Transfer payment').click()
  await group(page, 'Next in line').waitFor()
  expect(await calls(page, 'retry')).toHaveLength(1)
})

test('Discard says what it means and does nothing until it is confirmed', async () => {
  const page = await open([dead(1), receipt(2, { waitingFor: 'sequence', blockedBy: 'key-1' }), unknown(3)])
  await button(page, 'Discard: Send email').click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.textContent()).toContain('It was not done, and will not be.')
  expect(await dialog.textContent()).toContain('1 action behind it will go on without it.')
  expect(await focused(page)).toBe('Keep it')
  await button(page, 'Keep it').click()
  await button(page, 'Discard: Transfer payment').click()
  expect(await dialog.textContent()).toContain('It may have run. Discarding only stops asking: it undoes nothing.')
  await page.keyboard.press('Escape')
  expect(await calls(page, 'discard')).toEqual([])
  await button(page, 'Discard: Transfer payment').click()
  await button(page, 'Discard it').click()
  await dialog.waitFor({ state: 'hidden' })
  await expect.poll(() => card(page, 'Transfer payment').count()).toBe(0)
  expect(await calls(page, 'discard')).toMatchObject([{ key: 'key-3' }])
})

test('Edit makes a form from the parameters and sends what was changed under a new key', async () => {
  const params = { to: 'wrong@example.com', copies: 2, urgent: true, cc: ['a@example.com', 'b@example.com'], body: 'one\ntwo', meta: { deep: 1 } }
  const page = await open([dead(1, { params })])
  await button(page, 'Edit: Send email').click()
  expect(await focused(page)).toBe('')
  await page.getByLabel('To').fill('right@example.com')
  await page.getByLabel('Copies').fill('3')
  await page.getByLabel('Urgent').uncheck()
  await page.getByLabel('Cc (one a line)').fill('c@example.com\n\n d@example.com ')
  await lose(page, true)
  await button(page, 'Save and send').click()
  await page.getByRole('alert').filter({ hasText: 'No answer came' }).waitFor()
  await lose(page, false)
  await button(page, 'Save and send').click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const [first, second] = await calls(page, 'edit')
  expect(second).toMatchObject({
    key: 'key-1',
    params: { to: 'right@example.com', copies: 3, urgent: false, cc: ['c@example.com', 'd@example.com'], body: 'one\ntwo', meta: { deep: 1 } },
  })
  expect(second?.newKey).toBe(first?.newKey)
  expect(second?.newKey).toMatch(/^[0-9a-f-]{36}$/)
})

test('a value that is refused is marked in the form, which stays', async () => {
  const page = await open([dead(1)])
  await button(page, 'Edit: Send email').click()
  await failWith(page, 'PARAMS_INVALID', 'an address', 'to')
  await page.getByLabel('Subject').press('Enter')
  await page.locator('maestro-outbox .fault').filter({ hasText: 'an address' }).waitFor()
  expect(await page.getByLabel('To').getAttribute('aria-invalid')).toBe('true')
  expect(await page.getByLabel('Subject').getAttribute('aria-invalid')).not.toBe('true')
  await failWith(page, null)
  await page.getByLabel('To').fill('right@example.com')
  await button(page, 'Save and send').click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  expect(await calls(page, 'edit')).toHaveLength(2)
})

test('only a failed item can be edited, and not where the app says that it must not', async () => {
  const page = await open([dead(1), unknown(2)])
  await button(page, 'Edit: Send email').waitFor()
  expect(await button(page, 'Edit: Transfer payment').count()).toBe(0)
  await page.evaluate(() => (window as unknown as DriverWindow).driver.connect({ fields: () => null, describe: () => ({ title: 'Our own words' }) }))
  await button(page, 'Retry: Our own words').first().waitFor()
  expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0)
})

test('a rescue capsule is a file and a code that is shown once, and its items can be taken back', async () => {
  const page = await open([receipt(1), receipt(2), dead(3)])
  await button(page, 'Take unsent work with you').click()
  const dialog = page.getByRole('dialog')
  expect(await dialog.textContent()).toContain('Everything that has not gone out, also what failed, is sealed into one file.')
  expect(await calls(page, 'export')).toEqual([])
  await button(page, 'Make the file').click()
  expect(await page.getByLabel('Code', { exact: true }).textContent()).toBe('amber falcon river stone 42')
  const download = page.waitForEvent('download')
  await button(page, 'Save the file').click()
  const saved = await download
  expect(saved.suggestedFilename()).toMatch(/^unsent-work-\d{4}-\d{2}-\d{2}\.maestro$/)
  expect(await readFile(await saved.path(), 'utf8')).toBe('maestro-capsule-1.c2VhbGVk')
  await button(page, 'I have both').click()
  expect(await page.getByText('amber falcon').count()).toBe(0)
  await page.getByText('3 actions are held here until imported elsewhere').waitFor()
  expect(await card(page, 'Send email').count()).toBe(0)
  await button(page, 'Take back').click()
  await group(page, 'Next in line').waitFor()
  expect((await calls(page, 'retry')).map(({ key }) => key)).toEqual(['key-1', 'key-2', 'key-3'])
})

test('importing says in words what came of it, and what is missing or wrong', async () => {
  const page = await open([])
  await button(page, 'Bring unsent work in').click()
  await button(page, 'Bring it in').click()
  await page.getByRole('alert').filter({ hasText: 'Choose the file first.' }).waitFor()
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'x.maestro', mimeType: 'text/plain', buffer: Buffer.from(' sealed \n') })
  await button(page, 'Bring it in').click()
  await page.getByRole('alert').filter({ hasText: 'Type the code first.' }).waitFor()
  await page.getByLabel('Code', { exact: true }).fill('amber')
  await failWith(page, 'CAPSULE_UNREADABLE', 'the code does not open this file')
  await button(page, 'Bring it in').click()
  await page.getByRole('alert').filter({ hasText: 'the code does not open this file' }).waitFor()
  await failWith(page, null)
  await button(page, 'Bring it in').click()
  await page.getByText('2 actions brought in. They go out from here. 1 action was here already.').first().waitFor()
  expect((await calls(page, 'import')).at(-1)).toMatchObject({ params: { capsule: 'sealed', code: 'amber' } })
  await button(page, 'Close').click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
})

test('a failed item is found among thousands that wait, and so is one that fails later', async () => {
  const many = Array.from({ length: 3_000 }, (_, n) => (n === 1_500 ? dead(n) : receipt(n)))
  const page = await open(many)
  await card(page, 'person1500@example.com').waitFor()
  await page.evaluate(() => (window as unknown as DriverWindow).driver.change('key-700', { status: 'dead' }))
  await card(page, 'person700@example.com').waitFor({ timeout: 10_000 })
  await expect.poll(() => rows(page)).toBe(50)
})
