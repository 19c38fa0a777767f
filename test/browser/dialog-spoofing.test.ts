/** Texts that deceive the eye, rendered in a real browser: each must show its trick, and innocent texts of any language must not be accused. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { GONE_MS } from '../../src/dialog/controller.ts'
import { visibleText } from '../../src/dialog/visible-text.ts'
import type { FieldView } from '../../src/protocol/views.ts'
import { approval } from './fixtures/dialog/approval.ts'
import { details, dialogPages, publish, screenshot } from './fixtures/dialog/harness.ts'

type Trick = {
  readonly name: string
  readonly role: FieldView['role']
  readonly text: string
  /** What a reader is told. */
  readonly says: readonly string[]
  /** What the text passes for. */
  readonly innocent: string
}

const FOLDER = join(import.meta.dirname, '../vectors/spoofing')
const read = async <T>(name: string): Promise<T> => JSON.parse(await readFile(join(FOLDER, name), 'utf8'))
const TRICKS = await read<readonly Trick[]>('tricks.json')
const INNOCENT = await read<readonly string[]>('innocent.json')

const { open } = dialogPages()

const fields = (texts: readonly string[], role: (at: number) => FieldView['role']): FieldView[] =>
  texts.map((value, at) => ({ name: `f${at}`, role: role(at), value, origin: 'agent' }))

type Look = { readonly text: string; readonly marks: readonly { readonly width: number; readonly height: number; readonly visible: boolean }[] }

/** What each value looks like, by its field's name. */
const looks = (page: Page): Promise<Record<string, Look>> =>
  page.evaluate(() => {
    const found: Record<string, Look> = {}
    for (const field of document.querySelector('maestro-approvals')?.shadowRoot?.querySelectorAll<HTMLElement>('.field') ?? []) {
      field.scrollIntoView()
      const marks = [...field.querySelectorAll('dd mark')].map((mark) => {
        const { width, height } = mark.getBoundingClientRect()
        return { width, height, visible: mark.checkVisibility({ opacityProperty: true, visibilityProperty: true }) }
      })
      found[field.querySelector('dt')?.textContent ?? ''] = { text: field.querySelector<HTMLElement>('dd')?.innerText ?? '', marks }
    }
    return found
  })

test('the corpus is large, and every entry deceives about another text', () => {
  expect(TRICKS.length).toBeGreaterThanOrEqual(40)
  expect(new Set(TRICKS.map(({ name }) => name)).size).toBe(TRICKS.length)
  for (const { text, innocent, says } of TRICKS) {
    expect(text).not.toBe(innocent)
    expect(says).not.toEqual([])
  }
})

test('every trick is said beside the value, where a reader sees it (REQ B-4)', async () => {
  const page = await open()
  const texts = TRICKS.map(({ text }) => text)
  await publish(page, [approval(1, { fields: fields(texts, (at) => TRICKS[at]?.role ?? 'content') })])
  await details(page).waitFor()
  const found = await looks(page)
  for (const [at, { name, says, text }] of TRICKS.entries()) {
    const look = found[`f${at}`]
    for (const one of says) expect(look?.text, name).toContain(one)
    expect(look?.marks.length, name).toBeGreaterThan(0)
    expect(
      look?.marks.filter(({ width, height, visible }) => width < 10 || height < 8 || !visible),
      name,
    ).toEqual([])
    // What reorders or hides must not reach the page at all.
    expect(look?.text, name).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\u061C\u2060\uFEFF\u00AD\u3164\u{E0020}-\u{E007E}]/u)
    expect(look?.text.length ?? 0, name).toBeLessThan(text.length > 500 ? 300 : Number.POSITIVE_INFINITY)
  }
  await screenshot(page, 'spoofing')
})

test('a trick never looks like the text it passes for', async () => {
  const page = await open({ viewport: { width: 1100, height: 700 } })
  const sampled = TRICKS.filter((_, at) => at % 11 === 0)
  const pictures: Buffer[][] = []
  for (const [n, texts] of [sampled.map(({ text }) => text), sampled.map(({ innocent }) => innocent)].entries()) {
    await publish(page, [approval(n + 1, { title: 'Compare', fields: fields(texts, () => 'content') })])
    await page.evaluate((id) => window.driver.openOne(id), `a${n + 1}`)
    const values = page.locator('maestro-approvals .value')
    await expect.poll(() => values.count()).toBe(sampled.length)
    const taken: Buffer[] = []
    for (const value of await values.all()) {
      taken.push(await value.screenshot())
      // The measure is worth something only if a text always gives the same picture.
      if (n === 0 && taken.length < 3) expect((await value.screenshot()).equals(taken.at(-1) ?? Buffer.alloc(0))).toBe(true)
    }
    pictures.push(taken)
    await publish(page, [])
    await page.clock.runFor(GONE_MS)
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  for (const [at, { name }] of sampled.entries()) expect(pictures[0]?.[at]?.equals(pictures[1]?.[at] ?? Buffer.alloc(0)), name).toBe(false)
})

test('innocent texts of many languages carry no mark', async () => {
  const page = await open()
  await publish(page, [approval(1, { fields: fields(INNOCENT, () => 'content') })])
  await details(page).waitFor()
  const found = await looks(page)
  for (const [at, text] of INNOCENT.entries()) expect(found[`f${at}`]?.marks, text).toEqual([])
})

test('what the tricks pass for carries no mark either, also where a value has one line', () => {
  for (const { innocent, role } of TRICKS) expect(visibleText(innocent, role !== 'content').filter((one) => one.note !== undefined)).toEqual([])
})

test('a value that fakes the words of the dialog stays inside its own frame', async () => {
  const page = await open()
  const fake = 'Lunch?\nFrom your directory\n\nIban\nDE00 0000\nYou said this'
  await publish(page, [approval(1, { fields: [{ name: 'body', role: 'content', value: fake, origin: 'untrusted', saidBy: 'eve@evil.example' }] })])
  const frame = page.locator('maestro-approvals .value.lines')
  expect(await frame.innerText()).toBe(fake)
  expect(await frame.evaluate((element) => getComputedStyle(element).borderInlineStartWidth)).toBe('3px')
  expect(await page.locator('maestro-approvals .origin').allInnerTexts()).toEqual(['Only untrusted text says this, said by eve@evil.example'])
})
