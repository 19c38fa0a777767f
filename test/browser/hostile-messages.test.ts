import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { EMAIL, newKey, NOTE } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { execute, settled, snapshotOf } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { PROTOCOL } from '../../src/protocol/version.ts'

const demo = sharedDemo()

type Reply = { readonly id: unknown; readonly text: string }

/** Posts raw messages to the worker, past the client, and gives back what it answered within a second. */
const post = (page: Page, messages: readonly unknown[]): Promise<readonly Reply[]> =>
  page.evaluate(async (messages) => {
    const replies: { id: unknown; text: string }[] = []
    // The page's own parts talk with the worker meanwhile: only what answers these messages counts.
    const ids = new Set(messages.map((each) => (each as { message?: { id?: unknown } } | null)?.message?.id))
    const hear = ({ data }: MessageEvent) => {
      if (data?.type === 'maestro:reply' && ids.has(data.message?.id)) replies.push({ id: data.message?.id, text: JSON.stringify(data.message) })
    }
    navigator.serviceWorker.addEventListener('message', hear)
    for (const message of messages) navigator.serviceWorker.controller?.postMessage(message)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    navigator.serviceWorker.removeEventListener('message', hear)
    return replies
  }, messages)

const rpc = (message: unknown, protocol: unknown = PROTOCOL) => ({ type: 'maestro:rpc', protocol, windowOff: false, message })
const raw = (value: unknown) => ({ type: 'RAW', value })
const apply = (id: string, path: unknown, args: readonly unknown[]) => ({ id, type: 'APPLY', path, argumentList: args })

test('a well-formed raw call is answered, so the cases below are refused for what they are', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const [reply] = await post(page, [rpc(apply('fine', ['health'], [raw({})]))])
  expect(reply?.text).toContain('healthy')
})

test('a page of another protocol version is told so, and its call does nothing', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('other-version')
  const call = (id: string) => apply(id, ['execute'], [raw({ action: 'email.send', params: EMAIL, key })])
  const replies = await post(page, [rpc(call('newer'), PROTOCOL + 1), rpc(call('older'), 0)])
  expect(replies.map(({ id }) => id).toSorted()).toEqual(['newer', 'older'])
  for (const { text } of replies) expect(text).toContain('PROTOCOL_MISMATCH')
  expect(await effectsOf(demo().origin, key)).toEqual([])
  expect((await execute(page, 'email.send', EMAIL, { key })).idempotent).toBe(false)
})

test('hostile property paths reach nothing (DESIGN 15, Comlink)', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const before = await snapshotOf(page)
  const paths: readonly unknown[] = [
    ['constructor'],
    ['constructor', 'constructor'],
    ['__proto__'],
    ['execute', 'constructor'],
    ['execute', 'call'],
    ['toString'],
    ['hasOwnProperty'],
    [],
    ['execute', 'execute'],
    'execute',
    [['execute']],
    [7],
    null,
  ]
  const messages = paths.map((path, index) => rpc(apply(`path-${index}`, path, [raw('return 1')])))
  const kinds = ['GET', 'SET', 'CONSTRUCT', 'ENDPOINT', 'RELEASE'].map((type) =>
    rpc({ id: `kind-${type}`, type, path: ['execute'], argumentList: [], value: raw(null) }),
  )
  const replies = await post(page, [...messages, ...kinds])
  for (const { id, text } of replies) expect(text, String(id)).toMatch(/COMMAND_(UNKNOWN|INVALID)/)
  const after = await execute(page, 'note.add', NOTE)
  expect(after.status).toBe('done')
  expect((await snapshotOf(page))?.boot).toBe(before?.boot)
})

test('arguments of the wrong type are refused with a code', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('wrong-type')
  const cases = [
    apply('none', ['execute'], []),
    apply('two', ['execute'], [raw({}), raw({})]),
    apply('number', ['execute'], [raw(7)]),
    apply('null', ['lookup'], [raw(null)]),
    apply('extra', ['lookup'], [raw({ key: 'k', extra: true })]),
    apply('handler', ['lookup'], [{ type: 'HANDLER', name: 'proxy', value: null }]),
    apply('thrower', ['lookup'], [{ type: 'HANDLER', name: 'throw', value: { isError: true, value: { message: 'x' } } }]),
    apply('array', ['decide'], [raw([])]),
    apply('digest', ['decide'], [raw({ id: 'x', digest: 'y', verdict: 'approve' })]),
    apply('verdict', ['decide'], [raw({ id: 'a'.repeat(64), digest: 'b'.repeat(64), verdict: 'allow' })]),
    apply('capability', ['execute'], [raw({ action: 'email.send', params: EMAIL, key, capability: { name: 'assistant' } })]),
  ]
  const replies = await post(
    page,
    cases.map((message) => rpc(message)),
  )
  for (const { id, text } of replies) expect(text, String(id)).toMatch(/COMMAND_(UNKNOWN|INVALID)/)
  expect(replies.map(({ id }) => id)).toEqual(expect.arrayContaining(['number', 'null', 'extra', 'array', 'digest', 'verdict', 'capability']))
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('an agent capability that the worker did not hand out is refused', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const key = newKey('forged')
  const [reply] = await post(page, [rpc(apply('forged', ['execute'], [raw({ action: 'email.send', params: EMAIL, key, capability: 'assistant' })]))])
  expect(reply?.text).toContain('AGENT_INVALID')
  expect(await effectsOf(demo().origin, key)).toEqual([])
})

test('messages that are no calls at all are passed over, and the worker goes on', async () => {
  const browser = await openBrowser()
  const page = await browser.visit(demo().origin)
  const before = await snapshotOf(page)
  const garbage: readonly unknown[] = [
    null,
    7,
    'maestro:rpc',
    [],
    {},
    { type: 'maestro:rpc' },
    { type: 'maestro:rpc', protocol: '1', windowOff: 'no', message: 7 },
    rpc(null),
    rpc('text'),
    rpc([]),
    rpc({}),
    rpc({ id: 'no-type' }),
    rpc({ id: {}, type: 'APPLY', path: ['hello'], argumentList: [raw({ build: 'x' })] }),
    rpc({ id: 'no-list', type: 'APPLY', path: ['hello'], argumentList: 'x' }),
    { type: 'maestro:gate-window', off: 'yes' },
    { type: 'maestro:delta', delta: {} },
    { type: 'maestro:page-effect', id: 'x' },
    { type: '__proto__' },
    {
      type: 'maestro:rpc',
      protocol: PROTOCOL,
      windowOff: false,
      message: { id: 'long', type: 'APPLY', path: ['x'.repeat(100_000)], argumentList: [] },
    },
  ]
  await post(page, garbage)
  const { key } = await execute(page, 'email.send', EMAIL, { key: newKey('after-garbage') })
  expect((await settled(page, key)).status).toBe('done')
  expect((await snapshotOf(page))?.boot).toBe(before?.boot)
  expect((await snapshotOf(page))?.gate.state).toBe('run')
})
