import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { followKillswitch, STALE_MAX_MS } from '../../src/killswitch/index.ts'
import type { FollowOptions } from '../../src/killswitch/index.ts'

type Source = EventTarget & { readyState: number; url: string; close(): void }

/** What a page is for the killswitch: an event source, a lock that one page has, a visible document. */
const page = () => {
  const sources: Source[] = []
  class FakeSource extends EventTarget {
    static readonly CLOSED = 2
    readyState = 0
    readonly url: string
    constructor(url: string) {
      super()
      this.url = url
      sources.push(this)
    }
    close(): void {
      this.readyState = 2
    }
  }
  const events = { document: new EventTarget(), window: new EventTarget() }
  vi.stubGlobal('EventSource', FakeSource)
  vi.stubGlobal('document', Object.assign(events.document, { visibilityState: 'visible' }))
  vi.stubGlobal('window', events.window)
  let last: Promise<unknown> = Promise.resolve()
  vi.stubGlobal('navigator', {
    locks: {
      request: (_name: string, _options: unknown, work: () => Promise<void>) => {
        const turn = last.then(work)
        last = turn.catch(() => undefined)
        return turn
      },
    },
  })
  return { sources, events }
}

type Answer = { readonly ok: boolean; readonly value?: unknown }

const client = () => {
  const asked: { name: string; args: unknown }[] = []
  const listeners = new Set<() => void>()
  const state = {
    off: null as string | null,
    version: 1,
    refreshed: 0,
    answer: (_name: string): Answer => ({ ok: true, value: { version: 1, outcome: 'taken' } }),
  }
  return {
    asked,
    state,
    tell: () => {
      for (const listener of listeners) listener()
    },
    of: {
      get off() {
        return state.off
      },
      get snapshot() {
        return { gate: { version: state.version } }
      },
      refreshGate: async () => void (state.refreshed += 1),
      subscribe: (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener)),
      command: async (name: string, args: unknown) => (asked.push({ name, args }), state.answer(name)),
    } as unknown as Parameters<typeof followKillswitch>[0],
  }
}

const start = (options?: FollowOptions) => {
  const [{ sources, events }, one] = [page(), client()]
  const stop = followKillswitch(one.of, options)
  onTestFinished(stop)
  return { sources, events, stop, ...one }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const offers = ({ asked }: ReturnType<typeof start>) => asked.filter(({ name }) => name === 'kill.offer')
const proofs = ({ asked }: ReturnType<typeof start>) => asked.filter(({ name }) => name === 'kill.acknowledge')

test('the stream’s documents are put before the worker as they came; what is none makes it ask (REQ 0-2)', async () => {
  const one = start({ url: 'https://project.example' })
  await vi.advanceTimersByTimeAsync(1)
  expect(one.sources.map(({ url }) => url)).toEqual(['https://project.example/functions/v1/maestro-flag/stream'])
  const say = (data: string) => one.sources[0]?.dispatchEvent(new MessageEvent('kill', { data }))
  say('{"version":2,"document":"a.b.c","resumed":"d.e.f"}')
  say('{"version":2,"action":"kill"}')
  say('<html>')
  await vi.advanceTimersByTimeAsync(1)
  expect(offers(one)).toEqual([{ name: 'kill.offer', args: { document: 'a.b.c', resumed: 'd.e.f' } }])
  expect(one.state.refreshed).toBe(2)
})

test.each([
  ['with a stream that says nothing', true],
  ['without a stream', false],
])('an open page’s word is never older than five minutes, %s (REQ 2-20, 2-21)', async (_, isOpen) => {
  const one = start({ stream: isOpen })
  await vi.advanceTimersByTimeAsync(1)
  if (isOpen) one.sources[0]?.dispatchEvent(new Event('open'))
  for (let i = 1; i <= 5; i++) {
    await vi.advanceTimersByTimeAsync(STALE_MAX_MS)
    expect(one.state.refreshed).toBeGreaterThanOrEqual(i)
  }
})

test('a refused stream is asked for again, later each time and never in a spin', async () => {
  const one = start()
  const counts: number[] = []
  for (let i = 0; i < 600; i++) {
    await vi.advanceTimersByTimeAsync(1_000)
    const last = one.sources.at(-1)
    if (last && last.readyState !== 2) {
      last.readyState = 2
      last.dispatchEvent(new Event('error'))
    }
    counts.push(one.sources.length)
  }
  expect(one.sources.length).toBeGreaterThan(8)
  expect(one.sources.length).toBeLessThan(40)
})

test('one page of the origin holds the stream, and the next one takes it over', async () => {
  const { sources } = page()
  const [first, second] = [client(), client()]
  const stopFirst = followKillswitch(first.of)
  onTestFinished(followKillswitch(second.of))
  await vi.advanceTimersByTimeAsync(100)
  expect(sources).toHaveLength(1)
  stopFirst()
  await vi.advanceTimersByTimeAsync(100)
  expect(sources.map(({ readyState }) => readyState)).toEqual([2, 0])
})

test('a page that its window or its build switched off asks for nothing (REQ 0-3, 2-2)', async () => {
  for (const off of ['window', 'env']) {
    const { sources } = page()
    const one = client()
    one.state.off = off
    const stop = followKillswitch(one.of)
    await vi.advanceTimersByTimeAsync(2 * STALE_MAX_MS)
    stop()
    expect([sources.length, one.asked.length, one.state.refreshed], off).toEqual([0, 0, 0])
  }
})

test('each version is proven once; what does not arrive is sent again, a few times (REQ B-7)', async () => {
  const one = start()
  await vi.advanceTimersByTimeAsync(10)
  one.tell()
  one.tell()
  await vi.advanceTimersByTimeAsync(10)
  expect(proofs(one)).toHaveLength(1)
  one.state.answer = () => ({ ok: true, value: { version: 2, outcome: 'unreachable' } })
  one.state.version = 2
  one.tell()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(proofs(one)).toHaveLength(1 + 6)
  one.state.answer = () => ({ ok: false })
  one.state.version = 3
  one.tell()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(proofs(one)).toHaveLength(1 + 6 + 1)
})
