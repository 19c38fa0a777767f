/**
 * Comlink's endpoint on the page's side, carried by message events, which start a worker and keep it alive, and by a port, which is fast.
 *
 * W1 Every call is answered: by the worker, or at its deadline with `WORKER_UNREACHABLE`.
 * W2 A call whose worker died is sent again, unchanged; commands are idempotent by key, so twice is once.
 * W3 Calls of one moment travel in one message, and so do their answers; what cannot be sent fails alone.
 * W4 A worker's death is known within milliseconds: the page queues for a Web Lock that the worker holds. Whoever listens (`onGone`) may then
 *    wake the next for what that one left under way.
 * W5 A port travels with the first call to a worker. Answers and the calls after it go through it, straight from thread to thread, past the
 *    browser's process; empty events at most a second apart keep the worker alive. A call that waited, or outlived its worker, goes as an event.
 */
import type { Endpoint } from 'comlink'
import { answerOf } from '../protocol/answers.ts'
import type { Failure } from '../protocol/failure.ts'
import type { AwakeMessage, RpcMessage, WorkerMessage } from '../protocol/messages.ts'
import { PROTOCOL } from '../protocol/version.ts'
import { failed } from './failed.ts'
import { isWindowOff } from './switches.ts'

type CallMessage = { readonly id: string; readonly path: readonly [string] }
type Call = { readonly message: CallMessage; timer: ReturnType<typeof setTimeout> }

export type WorkerEndpoint = Endpoint & {
  /** Hands over replies that arrived from the worker. */
  receive(reply: Extract<WorkerMessage, { type: 'maestro:reply' }>): void
}

/** Unanswered calls are repeated after this part of their deadline, in case the worker died before its lock was known. */
const REPEAT_AFTER = 0.3
/** A kit's command may derive a key or load a model first. */
const KIT_DEADLINE_MS = 60_000
/** Calls in one message: the worker begins with the first of many while the rest is still being sent. */
const AT_ONCE = 100
/** Events that keep the worker alive are this far apart: each takes a tenth of a durable call. */
const AWAKE_MS = 1000

export function createWorkerEndpoint(
  target: () => ServiceWorker | null,
  /** Until when nothing may be sent, asked when a worker is gone; `null`: it may at once. */
  inCharge: () => Promise<unknown> | null,
  onNewBoot: () => void,
  onGone: () => void,
): WorkerEndpoint {
  const calls = new Map<string, Call>()
  const listeners = new Set<EventListenerOrEventListenerObject>()
  let boot: string | null = null
  let watched: string | null = null
  let outgoing: CallMessage[] = []
  /** Our end of the port that was given to this worker; `null`: the next call brings a new one. */
  let given: { readonly to: ServiceWorker; readonly port: MessagePort } | null = null
  /** The worker that said that it takes calls there. */
  let hearing: ServiceWorker | null = null
  let awake: ReturnType<typeof setTimeout> | undefined
  let isMore = false
  /** The worker is gone, and an update is about to be in charge. */
  let isHandingOver = false

  const sendAsEvent = (worker: ServiceWorker, envelope: RpcMessage): void => {
    const { port1: port, port2 } = new MessageChannel()
    // What comes through it is heard as if it came the other way.
    port.onmessage = ({ data }) => void navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data }))
    worker.postMessage(envelope, [port2])
    given = { to: worker, port }
  }

  /** An event now, and one more in a second if there were calls in between: a worker stays for half a minute after each. */
  const keepAwake = (worker: ServiceWorker): void => {
    isMore = awake !== undefined
    if (isMore) return
    const message: AwakeMessage = { type: 'maestro:awake' }
    worker.postMessage(message)
    awake = setTimeout(() => {
      awake = undefined
      if (isMore && watched !== null) keepAwake(worker)
    }, AWAKE_MS)
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

  const fail = (id: string, error: Failure): void => {
    if (end(id)) deliver({ id, type: 'RAW', value: { ok: false, error } })
  }

  const send = (messages: readonly CallMessage[]): void => {
    const envelope: RpcMessage = { type: 'maestro:rpc', protocol: PROTOCOL, windowOff: isWindowOff(), messages }
    const worker = target()
    if (!worker) return
    try {
      if (given?.to !== worker) sendAsEvent(worker, envelope)
      else if (hearing === worker) {
        given.port.postMessage(envelope)
        keepAwake(worker)
      } else worker.postMessage(envelope)
    } catch {
      // Only cloning can fail here: functions, DOM nodes and the like. One that cannot be sent keeps none of its neighbours.
      if (messages.length > 1) for (const message of messages) send([message])
      else for (const { id } of messages) fail(id, failed('PARAMS_NOT_JSON', 'never', 'this cannot be sent to the worker: it is not plain data'))
    }
  }

  const flush = (): void => {
    const messages = outgoing
    outgoing = []
    // What is not sent now is sent with all that is unanswered.
    if (messages.length > 0 && !isHandingOver) send(messages)
  }

  const post = (message: CallMessage): void => {
    const count = outgoing.push(message)
    if (count === 1) queueMicrotask(flush)
    if (count === AT_ONCE) flush()
  }

  const resend = (): void => {
    given = null
    for (const { message } of calls.values()) post(message)
  }

  const goOn = (): void => {
    isHandingOver = false
    resend()
    onGone()
  }

  const watch = (next: string): void => {
    if (watched === next) return
    watched = next
    void navigator.locks.request(`maestro-alive-${next}`, () => {
      if (watched !== next) return
      // It is gone; or its first answer was faster than its own request for the lock: then its next one is followed by a new look.
      watched = null
      const change = inCharge()
      if (!change) return goOn()
      isHandingOver = true
      void change.then(goOn)
    })
    const isNew = boot !== null && boot !== next
    boot = next
    if (!isNew) return
    given = null
    onNewBoot()
  }

  return {
    receive({ boot: from, hears, messages }) {
      watch(from)
      if (hears) hearing = given?.to ?? null
      for (const message of messages) {
        const id = (message as { readonly id?: unknown }).id
        if (typeof id === 'string' && end(id)) deliver(message)
      }
    },
    postMessage(message: CallMessage) {
      const [name] = message.path
      const deadlineMs = answerOf(name)?.deadlineMs ?? KIT_DEADLINE_MS
      const giveUp = (): void => fail(message.id, failed('WORKER_UNREACHABLE', 'later', 'the worker did not answer in time'))
      const repeat = (): void => {
        given = null
        post(message)
        call.timer = setTimeout(giveUp, deadlineMs * (1 - REPEAT_AFTER))
      }
      const call: Call = { message, timer: setTimeout(repeat, deadlineMs * REPEAT_AFTER) }
      calls.set(message.id, call)
      post(message)
    },
    addEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: EventListenerOrEventListenerObject) => void listeners.delete(listener),
  }
}
