/**
 * Comlink's endpoint on the page's side, carried by message events: only those keep an idle worker alive and start a dead one.
 *
 * W1 Every call is answered: by the worker, or at its deadline with `WORKER_UNREACHABLE`.
 * W2 A call whose worker died is sent again, unchanged; commands are idempotent by key, so twice is once.
 * W3 A worker's death is known within milliseconds: the page queues for a Web Lock that the worker holds.
 */
import type { Endpoint } from 'comlink'
import { answerOf } from '../protocol/answers.ts'
import type { RpcMessage, WorkerMessage } from '../protocol/messages.ts'
import { PROTOCOL } from '../protocol/version.ts'
import { failed } from './failed.ts'
import { isWindowOff } from './switches.ts'

type Call = { readonly message: unknown; timer: ReturnType<typeof setTimeout> }

export type WorkerEndpoint = Endpoint & {
  /** Hands over a reply that arrived from the worker. */
  receive(reply: Extract<WorkerMessage, { type: 'maestro:reply' }>): void
}

/** Unanswered calls are repeated after this part of their deadline, in case the worker died before its lock was known. */
const REPEAT_AFTER = 0.3
/** A kit's command may derive a key or load a model first. */
const KIT_DEADLINE_MS = 60_000

export function createWorkerEndpoint(target: () => ServiceWorker | null, onNewBoot: () => void): WorkerEndpoint {
  const calls = new Map<string, Call>()
  const listeners = new Set<EventListenerOrEventListenerObject>()
  let boot: string | null = null

  const post = (message: unknown): void => {
    const envelope: RpcMessage = { type: 'maestro:rpc', protocol: PROTOCOL, windowOff: isWindowOff(), message }
    target()?.postMessage(envelope)
  }

  const deliver = (message: unknown): void => {
    const event = { data: message } as MessageEvent
    for (const listener of listeners) {
      if (typeof listener === 'function') listener(event)
      else listener.handleEvent(event)
    }
  }

  const end = (id: string): boolean => {
    const call = calls.get(id)
    clearTimeout(call?.timer)
    return calls.delete(id)
  }

  const resend = (): void => {
    for (const { message } of calls.values()) post(message)
  }

  const watch = (next: string): void => {
    if (boot === next) return
    const isFirst = boot === null
    boot = next
    void navigator.locks.request(`maestro-alive-${next}`, () => {
      if (boot === next) resend()
    })
    if (!isFirst) onNewBoot()
  }

  return {
    receive({ boot: from, message }) {
      watch(from)
      const id = (message as { readonly id?: unknown }).id
      if (typeof id === 'string' && end(id)) deliver(message)
    },
    postMessage(message: { readonly id: string; readonly path: readonly [string] }) {
      const [name] = message.path
      const deadlineMs = answerOf(name)?.deadlineMs ?? KIT_DEADLINE_MS
      // First the post: what cannot be cloned must throw at the caller and leave nothing behind.
      post(message)
      const giveUp = (): void => {
        end(message.id)
        deliver({
          id: message.id,
          type: 'RAW',
          value: { ok: false, error: failed('WORKER_UNREACHABLE', 'later', 'the worker did not answer in time') },
        })
      }
      const repeat = (): void => {
        post(message)
        call.timer = setTimeout(giveUp, deadlineMs * (1 - REPEAT_AFTER))
      }
      const call: Call = { message, timer: setTimeout(repeat, deadlineMs * REPEAT_AFTER) }
      calls.set(message.id, call)
    },
    addEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => void listeners.delete(listener),
  }
}
