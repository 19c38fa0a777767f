/** One page of the origin holds the stream; the others hear what it brings from the worker. */
export type StreamOptions = {
  readonly url: string
  /** A document came, as its JSON. */
  onDocument(data: string): void
  /** Whether the stream is open now. */
  onOpen(isOpen: boolean): void
  /** Asked before each connection: a page that is switched off asks for nothing. */
  isWanted(): boolean
}

/** Browsers keep six connections per origin over HTTP/1.1: one page pays with one of them for all. */
const LOCK = 'maestro-flag-stream'
/** Waits before a refused stream is asked for again, ms: the first and the longest. Half of it is chance, so that a fleet does not come back at once. */
const AGAIN_MS = 1_000
const AGAIN_MAX_MS = 60_000

const jittered = (ms: number): number => ms / 2 + (Math.random() * ms) / 2

/** Resolves when the stream is over: refused, cut for good, or no longer wanted. */
const hold = ({ url, onDocument, onOpen, isWanted }: StreamOptions, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const source = new EventSource(url)
    const end = (): void => {
      signal.removeEventListener('abort', end)
      source.close()
      onOpen(false)
      resolve()
    }
    source.addEventListener('open', () => onOpen(true))
    source.addEventListener('kill', ({ data }: MessageEvent<string>) => (isWanted() ? onDocument(data) : end()))
    source.addEventListener('error', () => {
      onOpen(false)
      // A cut stream is opened again by the browser itself; a refused one is closed.
      if (source.readyState === EventSource.CLOSED || !isWanted()) end()
    })
    signal.addEventListener('abort', end)
  })

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })

/** Holds the stream whenever it is this page's turn, until the signal. A page that does not want it leaves it to another. */
export async function holdStream(options: StreamOptions, signal: AbortSignal): Promise<void> {
  let waitMs = AGAIN_MS
  const keep = async (): Promise<void> => {
    while (!signal.aborted && options.isWanted()) {
      const began = performance.now()
      await hold(options, signal)
      // What held for a while was a good stream: it is asked for again soon.
      waitMs = performance.now() - began > AGAIN_MAX_MS ? AGAIN_MS : Math.min(waitMs * 2, AGAIN_MAX_MS)
      await pause(jittered(waitMs), signal)
    }
  }
  while (!signal.aborted) {
    await navigator.locks.request(LOCK, { signal }, keep).catch(() => undefined)
    await pause(jittered(AGAIN_MAX_MS), signal)
  }
}
