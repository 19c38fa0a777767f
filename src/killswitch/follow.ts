/**
 * The page's part of the killswitch: it holds the stream, because one inside the worker dies with the worker, asks from time to time in case there
 * is none, and has the worker prove what it has put in force.
 *
 * F1 A page that is open has a word at most `STALE_MAX_MS` old while the server can be reached; with a stream, one of this moment.
 * F2 A page that its build or its window switched off asks for nothing.
 */
import type { Maestro } from '../client/api.ts'
import { holdStream } from './stream.ts'

export type FollowOptions = {
  /** The server's origin, as in `supabase({ url })`; the page's own when absent. */
  readonly url?: string
  /** Whether there is a server that can hold a stream; hosted edge functions end them after minutes. On when absent. */
  readonly stream?: boolean
}

type Client = Pick<Maestro, 'command' | 'off' | 'refreshGate' | 'snapshot' | 'subscribe'>

/** How old the word of an open page may be: five minutes. */
export const STALE_MAX_MS = 300_000
/** Asked this often at the latest, with an open stream and without one; a part of it is chance. Each is below the bound by more than a request takes. */
const POLL_MS = { streaming: 240_000, alone: 45_000 } as const
/** Tries to prove one version, and the wait before the second; it doubles. */
const PROOFS_MAX = 6
const PROVE_AGAIN_MS = 2_000

type Proof = { readonly version: number; readonly outcome: string }

const parsed = (data: string): { document?: unknown; resumed?: unknown } => {
  try {
    return (JSON.parse(data) ?? {}) as object
  } catch {
    return {}
  }
}

/** Follows the kill document until the function it gives back is called. One call for each page. */
export function followKillswitch(client: Client, { url = '', stream = true }: FollowOptions = {}): () => void {
  const ended = new AbortController()
  const { signal } = ended
  let isStreaming = false
  let proving = 0
  let lastAskedAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const isWanted = (): boolean => client.off !== 'env' && client.off !== 'window'

  /** The worker that was built without the kit asks for itself. */
  const ask = async (): Promise<void> => {
    lastAskedAt = performance.now()
    if (isWanted()) await client.refreshGate()
  }

  const offer = async (data: string): Promise<void> => {
    const { document, resumed } = parsed(data)
    if (typeof document !== 'string') return ask()
    const answer = await client.command('kill.offer', { document, ...(typeof resumed === 'string' ? { resumed } : {}) })
    if (!answer.ok) await ask()
  }

  const poll = (): void => {
    clearTimeout(timer)
    if (signal.aborted) return
    const ms = isStreaming ? POLL_MS.streaming : POLL_MS.alone
    timer = setTimeout(() => void ask().finally(poll), ms * (0.6 + Math.random() * 0.4))
  }

  /** Tries until the server has taken it, or says that it will not. */
  const prove = async (version: number): Promise<void> => {
    if (version === 0 || version === proving) return
    proving = version
    for (let tries = 0, waitMs = PROVE_AGAIN_MS; tries < PROOFS_MAX && proving === version && !signal.aborted; tries++, waitMs *= 2) {
      const answer = isWanted() ? await client.command<Proof>('kill.acknowledge') : null
      if (answer && (!answer.ok || answer.value.outcome === 'taken')) return
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }

  const look = (): void => void prove(client.snapshot?.gate.version ?? 0)

  const comeBack = (): void => {
    if (document.visibilityState === 'visible' && performance.now() - lastAskedAt > POLL_MS.alone) void ask()
  }

  const unsubscribe = client.subscribe(look)
  document.addEventListener('visibilitychange', comeBack, { signal })
  window.addEventListener('online', () => void ask(), { signal })
  if (stream)
    void holdStream(
      {
        url: `${url}/functions/v1/maestro-flag/stream`,
        onDocument: (data) => void offer(data),
        onOpen(isOpen) {
          if (isStreaming === isOpen) return
          isStreaming = isOpen
          poll()
        },
        isWanted,
      },
      signal,
    )
  look()
  poll()

  return () => {
    ended.abort()
    clearTimeout(timer)
    unsubscribe()
  }
}
