import { refuse } from '../_shared/answer.ts'
import { LIMITS } from '../_shared/limits.ts'
import type { KillFeed } from './kill-feed.ts'

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }

/** Server-sent events: the document in force at once, each new one as soon as it is committed, a comment as a sign of life. Ends with its request. */
export const streamDocuments = ({ signal }: Request, feed: KillFeed): Response => {
  const encoder = new TextEncoder()
  let stop: (() => void) | null = null
  let beat: ReturnType<typeof setInterval> | undefined
  let told = 0

  const end = (): void => {
    clearInterval(beat)
    stop?.()
    stop = null
  }

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const say = (text: string): void => {
        try {
          if ((controller.desiredSize ?? 0) < -LIMITS.killBacklogMax) throw new Error('nobody reads this stream')
          controller.enqueue(encoder.encode(text))
        } catch (error) {
          end()
          controller.error(error)
        }
      }
      say('retry: 1000\n\n')
      stop = feed.follow({
        tell(document) {
          if (document.version <= told) return
          told = document.version
          say(`event: kill\nid: ${told}\ndata: ${JSON.stringify(document)}\n\n`)
        },
        over() {
          end()
          controller.close()
        },
      })
      if (stop === null) return controller.close()
      beat = setInterval(() => say(': still here\n\n'), LIMITS.killBeatMs)
      signal.addEventListener('abort', end, { once: true })
    },
    cancel: end,
  })
  return stop === null
    ? refuse(503, 'STREAMS_FULL', 'Too many streams are open here: poll.', { 'retry-after': String(LIMITS.retryAfterS) })
    : new Response(body, { headers: HEADERS })
}
