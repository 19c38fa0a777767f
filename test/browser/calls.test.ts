/** How calls and answers travel between a page and its worker. */
import { expect, test } from 'vitest'
import { newKey, NOTE } from '../support/ask.ts'
import { filePage } from '../support/file-browser.ts'
import { execute, type MaestroWindow } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'
import { PROTOCOL } from '../../src/protocol/version.ts'

const demo = sharedDemo()
const open = filePage(() => demo().origin)

/** Asks for several notes in one moment; one of them `cannot` be sent. Gives their outcomes, and how many went with each message, by either way. */
const askAtOnce = (keys: readonly string[], cannot: number) =>
  open.page().evaluate(
    async ({ keys, cannot, note }) => {
      const sent: number[] = []
      const ways = [ServiceWorker.prototype, MessagePort.prototype] as { postMessage: (message: { messages?: unknown[] }, ports?: never) => void }[]
      const own = ways.map(({ postMessage }) => postMessage)
      for (const [i, way] of ways.entries())
        way.postMessage = function (message, ports) {
          own[i]?.call(this, message, ports)
          if (JSON.stringify(message).includes(keys[0]?.slice(0, 8) ?? '')) sent.push(message.messages?.length ?? 0)
        }
      try {
        const { maestro } = window as unknown as MaestroWindow
        const handles = await Promise.all(
          keys.map((key, i) => maestro.execute('note.add', i === cannot ? ({ ...note, no: () => 0 } as never) : note, { key })),
        )
        return { sent, outcomes: handles.map(({ status, failure }) => failure?.code ?? status) }
      } finally {
        for (const [i, way] of ways.entries()) way.postMessage = own[i] as never
      }
    },
    { keys, cannot, note: NOTE },
  )

test('calls of one moment travel in one message; one that cannot be sent keeps none of its neighbours', async () => {
  const keys = (about: string): readonly string[] => ['a', 'b', 'c', 'd'].map((name) => newKey(`${about}-${name}`))
  expect(await askAtOnce(keys('together'), -1)).toEqual({ sent: [4], outcomes: ['done', 'done', 'done', 'done'] })
  expect(await askAtOnce(keys('partners'), 1)).toEqual({ sent: [1, 1, 1], outcomes: ['done', 'PARAMS_NOT_JSON', 'done', 'done'] })
})

/** By what way the answer to one call came: what came through the page's own port has no worker as its source. */
const wayOf = async (about: string): Promise<{ status: string; ways: readonly string[] }> => {
  const page = open.page()
  await page.evaluate(() => {
    const ways: string[] = []
    const hear = ({ data, source }: MessageEvent) => {
      if (data?.type === 'maestro:reply') ways.push(source === null ? 'port' : 'message')
    }
    navigator.serviceWorker.addEventListener('message', hear)
    Object.assign(window, { endHearing: () => (navigator.serviceWorker.removeEventListener('message', hear), ways) })
  })
  const { status } = await execute(page, 'note.add', NOTE, { key: newKey(about) })
  const ways = await page.evaluate(() => (window as unknown as { endHearing(): string[] }).endHearing())
  return { status, ways: [...new Set(ways)] }
}

test('answers come through the page’s own port, from the next worker too; who brought none is answered by a message', async () => {
  expect(await wayOf('port')).toEqual({ status: 'done', ways: ['port'] })
  await open.browser().stopWorkers()
  expect((await wayOf('restarted')).status).toBe('done')
  expect(await wayOf('again')).toEqual({ status: 'done', ways: ['port'] })

  const plain = await open.browser().context().newPage()
  await plain.goto(`${demo().origin}/maestro-flag.json`)
  const source = await plain.evaluate(
    (message) =>
      new Promise<string>((resolve) => {
        navigator.serviceWorker.addEventListener('message', ({ data, source }) => {
          if (data?.type === 'maestro:reply') resolve(source === null ? 'port' : 'message')
        })
        navigator.serviceWorker.startMessages()
        navigator.serviceWorker.controller?.postMessage(message)
      }),
    { type: 'maestro:rpc', protocol: PROTOCOL, windowOff: false, messages: [{ id: 'x', type: 'APPLY', path: ['health'], argumentList: [] }] },
  )
  await plain.close()
  expect(source).toBe('message')
})
