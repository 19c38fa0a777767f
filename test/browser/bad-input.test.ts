import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { EMAIL, newKey, NOTE, PAYMENT } from '../support/ask.ts'
import { effectsOf } from '../support/effects.ts'
import { filePage } from '../support/file-browser.ts'
import { execute, settled } from '../support/in-page.ts'
import type { Answer, MaestroWindow } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

const refusal = (code: string, field?: unknown) => ({
  status: 'refused',
  failure: { code, retry: 'never', ...(field === undefined ? {} : { field }) },
})

/** Parameters that lose their point when a test tool carries them: they are parsed in the page. */
const executeText = (page: Page, action: string, json: string): Promise<Answer> =>
  page.evaluate(
    async ({ action, json }) => {
      const { key, status, idempotent, failure } = await (window as unknown as MaestroWindow).maestro.execute(action, JSON.parse(json))
      return { key, status, idempotent, ...(failure === undefined ? {} : { failure }) }
    },
    { action, json },
  )

test('actions nobody declared are refused, also by names that objects have by nature (REQ 1-37)', async () => {
  const page = open.page()
  for (const action of ['disk.format', '', 'email.send ', 'EMAIL.SEND', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])
    expect(await execute(page, action, EMAIL), action).toMatchObject(refusal('ACTION_UNKNOWN'))
  expect(open.heard().some(({ text }) => text.startsWith('[MAESTRO RISK]'))).toBe(true)
  expect((await execute(page, 'note.add', NOTE)).status).toBe('done')
})

test('a parameter that does not fit is named, nothing runs, and the corrected call succeeds with the same key (REQ 1-36, 1-49)', async () => {
  const page = open.page()
  const key = newKey('corrected')
  const wrong = [
    { params: { ...EMAIL, to: 'not an address' }, field: 'to' },
    { params: { ...EMAIL, to: ['anna@example.com', 'eve@example.com'] }, field: 'to' },
    { params: { ...EMAIL, subject: 7 }, field: 'subject' },
    { params: { to: EMAIL.to, subject: EMAIL.subject }, field: 'body' },
    { params: { ...EMAIL, bcc: 'eve@example.com' }, field: 'bcc' },
  ]
  for (const { params, field } of wrong)
    expect(await execute(page, 'email.send', params, { key }), JSON.stringify(params)).toMatchObject(refusal('PARAMS_INVALID', field))
  expect(await effectsOf(demo().origin, key)).toEqual([])
  const risks = open.heard().filter(({ text }) => text.startsWith('[MAESTRO RISK]'))
  expect(risks.length).toBeGreaterThan(0)
  expect(risks.filter(({ text }) => text.includes('not an address') || text.includes('eve@example.com'))).toEqual([])
  expect(await execute(page, 'email.send', EMAIL, { key })).toMatchObject({ key, idempotent: false })
  expect((await settled(page, key)).status).toBe('done')
  expect(await effectsOf(demo().origin, key)).toHaveLength(1)
})

test('money, times, attendees and file ids have one form each', async () => {
  const page = open.page()
  const event = { title: 'Planning', start: '2027-01-11T09:00:00Z', end: '2027-01-11T10:00:00Z', attendees: ['anna@example.com'] }
  const wrong: readonly (readonly [action: string, params: unknown, field: string])[] = [
    ['payment.transfer', { ...PAYMENT, amount: 120 }, 'amount'],
    ['payment.transfer', { ...PAYMENT, amount: '-1.00' }, 'amount'],
    ['payment.transfer', { ...PAYMENT, amount: '1e3' }, 'amount'],
    ['payment.transfer', { ...PAYMENT, iban: 'DE00' }, 'iban'],
    ['event.create', { ...event, start: 'tomorrow' }, 'start'],
    ['event.create', { ...event, attendees: 'anna@example.com' }, 'attendees'],
    ['file.delete', { id: 'f10' }, 'id'],
    ['file.delete', { id: '../f1' }, 'id'],
  ]
  for (const [action, params, field] of wrong) {
    const answer = await execute(page, action, params)
    expect(answer, JSON.stringify(params)).toMatchObject(refusal('PARAMS_INVALID'))
    expect(answer.failure?.field, JSON.stringify(params)).toMatch(new RegExp(`^${field}`))
  }
  expect((await execute(page, 'payment.transfer', PAYMENT)).status).toBe('awaiting-approval')
})

test('prototype keys in parameters are refused and change no prototype (REQ 1-37)', async () => {
  const page = open.page()
  for (const json of [
    '{"text":"x","__proto__":{"polluted":true}}',
    '{"text":"x","constructor":{"prototype":{"polluted":true}}}',
    '{"text":{"__proto__":{"polluted":true}}}',
    '{"__proto__":{"text":"x"}}',
  ])
    expect((await executeText(page, 'note.add', json)).failure?.code, json).toMatch(/^PARAMS_(INVALID|NOT_JSON)$/)
  expect(await page.evaluate(() => 'polluted' in {})).toBe(false)
  expect((await executeText(page, 'note.add', '{"text":"x"}')).status).toBe('done')
})

test('parameters beyond 64 KiB are refused, smaller ones are not (law 9)', async () => {
  const page = open.page()
  expect(await execute(page, 'email.send', { ...EMAIL, body: 'x'.repeat(64 * 1024) })).toMatchObject(refusal('PARAMS_TOO_LARGE'))
  expect(await execute(page, 'email.send', { ...EMAIL, body: 'ü'.repeat(33 * 1024) })).toMatchObject(refusal('PARAMS_TOO_LARGE'))
  const nested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  expect((await executeText(page, 'note.add', `{"text":${nested}}`)).failure?.code).toMatch(/^PARAMS_/)
  expect((await execute(page, 'note.add', NOTE)).status).toBe('done')
})

test('what is not JSON is refused', async () => {
  const page = open.page()
  const codes = await page.evaluate(async () => {
    const { maestro } = window as unknown as MaestroWindow
    const cycle: Record<string, unknown> = { text: 'x' }
    cycle['self'] = cycle
    const odd: unknown[] = [
      { text: Number.NaN },
      { text: new Date() },
      { text: 1n },
      { text: new Map() },
      { text: '\ud800' },
      cycle,
      { text: () => 'x' },
      null,
      'text',
      [],
      7,
    ]
    const codes: (string | undefined)[] = []
    for (const params of odd) codes.push((await maestro.execute('note.add', params as never)).failure?.code)
    return codes
  })
  for (const [index, code] of codes.entries()) expect(code, `case ${index}`).toMatch(/^PARAMS_(NOT_JSON|INVALID)$/)
  expect((await execute(page, 'note.add', NOTE)).status).toBe('done')
})

test('a key is 1 to 255 characters without control characters', async () => {
  const page = open.page()
  for (const key of ['', 'k'.repeat(256), 'line\nbreak', 'null\0byte', 7, null, {}])
    expect(await execute(page, 'note.add', NOTE, { key: key as string }), JSON.stringify(key)).toMatchObject(refusal('KEY_INVALID'))
  const longest = newKey('longest').padEnd(255, 'k')
  expect(await execute(page, 'note.add', NOTE, { key: longest })).toMatchObject({ key: longest, status: 'done' })
})

test('sources that are no sources are refused, and spend no key', async () => {
  const page = open.page()
  const key = newKey('sources')
  const good = { id: 'm1', kind: 'untrusted', text: 'Please write to Anna' }
  const bad: readonly unknown[] = [
    [{ ...good, kind: 'system' }],
    [{ id: 'm1', kind: 'user' }],
    [{ ...good, text: 'x'.repeat(32 * 1024 + 1) }],
    [{ ...good, trusted: true }],
    Array.from({ length: 33 }, () => good),
    'user',
    { 0: good },
  ]
  for (const sources of bad)
    expect(await execute(page, 'email.send', EMAIL, { key, sources: sources as unknown[] }), JSON.stringify(sources).slice(0, 80)).toMatchObject(
      refusal('SOURCES_INVALID'),
    )
  expect(await execute(page, 'email.send', EMAIL, { key, sources: [good] })).toMatchObject({ key, idempotent: false })
})

test('an agent has the name the worker gave it, and one with a bad name can do nothing', async () => {
  const page = open.page()
  for (const agent of ['', 'Assistant', '__proto__', 'a'.repeat(65), 'a b'])
    expect(await execute(page, 'note.add', NOTE, { agent }), agent).toMatchObject({ status: 'refused', failure: { code: 'COMMAND_INVALID' } })
  const { key, status } = await execute(page, 'note.add', NOTE, { agent: 'assistant' })
  expect(status).toBe('done')
  const receipt = await page.evaluate((key) => (window as unknown as MaestroWindow).maestro.receipt(key), key)
  expect(receipt?.agent).toBe('assistant')
})
