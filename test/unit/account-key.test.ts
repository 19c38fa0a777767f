/** The frame that a ceremony happens in, as the page sees it. */
import { afterEach, expect, test, vi } from 'vitest'
import { AccountKey } from '../../src/memory/account-key.ts'

afterEach(() => void vi.useRealTimers())

/** A place in a page, and the port that the document in the frame would be given. */
const page = () => {
  let port: MessagePort | undefined
  const frame = new EventTarget()
  const seen = { removed: 0 }
  Object.assign(frame, {
    setAttribute: () => undefined,
    style: {},
    contentWindow: { postMessage: (_call: unknown, _to: string, [given]: MessagePort[]) => void (port = given) },
    remove: () => void seen.removed++,
  })
  const mount = { ownerDocument: { createElement: () => frame }, append: () => void frame.dispatchEvent(new Event('load')) }
  const asked: string[] = []
  const account = new AccountKey({
    async command(name: string) {
      asked.push(name)
      return { ok: true, value: { generation: 1, resealed: 0 } as never }
    },
  })
  return { account, asked, seen, mount: mount as unknown as HTMLElement, say: (answer: object) => port?.postMessage(answer) }
}

test('a document that never says a word ends the ceremony, with the reason', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { account, asked, mount, seen } = page()
  const done = account.create(mount)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await done).toMatchObject({ ok: false, error: { code: 'WORKER_UNREACHABLE', retry: 'later' } })
  expect([asked, seen.removed]).toEqual([[], 1])
})

test('a person may take as long as they like, once the document is there', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { account, asked, mount, say, seen } = page()
  const done = account.create(mount)
  say({ type: 'height', px: 200 })
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  await vi.advanceTimersByTimeAsync(3_600_000)
  expect(seen.removed).toBe(0)
  say({ type: 'done', handles: {} })
  expect(await done).toMatchObject({ ok: true, value: { generation: 1 } })
  expect([asked, seen.removed]).toEqual([['accountAdopt'], 1])
})
