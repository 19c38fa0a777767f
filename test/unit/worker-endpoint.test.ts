/** By what way a page's calls reach a worker: an event where it must, its port where it can (W2, W4, W5). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWorkerEndpoint, type WorkerEndpoint } from '../../src/client/worker-endpoint.ts'
import type { PageMessage, WorkerMessage } from '../../src/protocol/messages.ts'

type Reply = Extract<WorkerMessage, { type: 'maestro:reply' }>

/** A worker that writes down what reaches it, by which way, and says nothing by itself. */
const fakeWorker = () => {
  const events: string[] = []
  const ported: string[] = []
  const nameOf = (message: PageMessage): string =>
    message.type === 'maestro:rpc' ? message.messages.map((call) => (call as { id: string }).id).join() : message.type
  const ports: MessagePort[] = []
  const worker = {
    postMessage(message: PageMessage, transfer: readonly MessagePort[] = []) {
      events.push(transfer.length > 0 ? `${nameOf(message)} with a port` : nameOf(message))
      for (const port of transfer) {
        ports.push(port)
        port.onmessage = ({ data }) => void ported.push(nameOf(data as PageMessage))
      }
    },
  } as unknown as ServiceWorker
  return { worker, events, ported, close: () => ports.forEach((port) => port.close()) }
}

let locks: { readonly name: string; readonly grant: () => void }[] = []
let workers: ReturnType<typeof fakeWorker>[] = []
let present: ReturnType<typeof fakeWorker>
let endpoint: WorkerEndpoint
let gone = 0
let handingOver: Promise<void> | null = null

const become = (): void => void workers.push((present = fakeWorker()))
const call = async (id: string): Promise<void> => {
  endpoint.postMessage({ id, path: ['health'] })
  await settle()
}
const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
const answer = (id: string, { boot = 'b1', hears = true }: Partial<Reply> = {}): void =>
  endpoint.receive({ type: 'maestro:reply', boot, hears, messages: [{ id }] })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  locks = []
  workers = []
  gone = 0
  handingOver = null
  vi.stubGlobal('navigator', {
    serviceWorker: new EventTarget(),
    locks: { request: (name: string, grant: () => void) => (locks.push({ name, grant }), new Promise(() => undefined)) },
  })
  vi.stubGlobal('window', {})
  become()
  endpoint = createWorkerEndpoint(
    () => present.worker,
    () => handingOver,
    () => undefined,
    () => (gone += 1),
  )
})
afterEach(() => {
  for (const { close } of workers) close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the first call brings a port; once the worker says that it hears, calls go through it, and events a second apart keep it awake', async () => {
  await call('one')
  answer('one')
  await call('two')
  await call('three')
  expect(present.events).toEqual(['one with a port', 'maestro:awake'])
  expect(present.ported).toEqual(['two', 'three'])
  vi.advanceTimersByTime(1_000)
  expect(present.events.slice(2)).toEqual(['maestro:awake'])
  answer('two')
  answer('three')
  vi.advanceTimersByTime(10_000)
  expect(present.events).toHaveLength(3)
})

test('a worker of an older build, which says nothing about its port, gets events only', async () => {
  await call('one')
  answer('one', { hears: false })
  await call('two')
  expect(present.events).toEqual(['one with a port', 'two'])
  expect(present.ported).toEqual([])
})

test('what a worker that is gone did not answer goes as an event to the next, with a new port', async () => {
  await call('one')
  answer('one')
  await call('two')
  locks.find(({ name }) => name === 'maestro-alive-b1')?.grant()
  await settle()
  expect(present.events).toEqual(['one with a port', 'maestro:awake', 'two with a port'])
  expect(gone).toBe(1)
})

test('a worker that is gone while an update waits is sent nothing, which would start it anew: all goes to the one in charge then', async () => {
  await call('one')
  answer('one')
  await call('two')
  // A second one within the second: the next event that keeps the worker alive would be due.
  await call('more')
  const old = present
  let take = (): void => undefined
  handingOver = new Promise((resolve) => (take = resolve))
  locks.find(({ name }) => name === 'maestro-alive-b1')?.grant()
  await call('three')
  vi.advanceTimersByTime(1_000)
  expect([old.events, old.ported, gone]).toEqual([['one with a port', 'maestro:awake'], ['two', 'more'], 0])
  become()
  take()
  await settle()
  expect([old.events.length, present.events, gone]).toEqual([2, ['two,more,three with a port'], 1])
})

test('a lock that is got though its worker lives (its answer was faster than its request) is asked for again with the next answer', async () => {
  const asked = () => locks.filter(({ name }) => name === 'maestro-alive-b1')
  await call('one')
  await call('two')
  answer('one')
  asked()[0]?.grant()
  await settle()
  expect(present.events.at(-1)).toBe('two with a port')
  answer('two')
  await call('three')
  expect(asked()).toHaveLength(2)
  asked()[1]?.grant()
  await settle()
  expect(present.events.at(-1)).toBe('three with a port')
})

test('another worker in charge is given a port of its own; nothing more goes through the old one', async () => {
  await call('one')
  answer('one')
  const old = present
  become()
  await call('two')
  expect([old.ported, present.events]).toEqual([[], ['two with a port']])
})

test('a call that stays unanswered is repeated as an event, in case its port leads nowhere', async () => {
  await call('one')
  answer('one')
  await call('two')
  vi.advanceTimersByTime(3_000)
  await settle()
  expect(present.events.at(-1)).toBe('two with a port')
})
