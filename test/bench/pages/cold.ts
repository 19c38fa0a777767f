/** A page with no client of any kind: it posts one message and times the answer, so that only the worker's start differs. */
import { PROTOCOL, VERSION } from '../../../src/protocol/version.ts'
import { INTENT } from './intent.ts'

/** Ours wraps Comlink's messages, the peers post each bare. */
type Reply = Bare & { readonly messages?: readonly Bare[] }
type Bare = { readonly id?: string; readonly type?: string; readonly value?: { readonly ok?: boolean } }

const CALLS = {
  hello: () => [{ build: VERSION }],
  execute: () => [{ action: 'bench.enqueue', params: INTENT, key: crypto.randomUUID() }],
  note: () => [{ action: 'bench.note', params: INTENT, key: crypto.randomUUID() }],
  enqueue: () => [crypto.randomUUID(), INTENT],
}
type Name = keyof typeof CALLS

const registration = await navigator.serviceWorker.register('./sw.js')
await navigator.serviceWorker.ready

const isAnswer = (name: Name, answer: Bare): boolean => (name === 'enqueue' ? answer.type === 'RAW' : answer.value?.ok === true)

const ask = (name: Name): Promise<number> =>
  new Promise((resolve, reject) => {
    const id = crypto.randomUUID()
    const path = name === 'note' ? 'execute' : name
    const message = { id, type: 'APPLY', path: [path], argumentList: CALLS[name]().map((value) => ({ type: 'RAW', value })) }
    const start = performance.now()
    const hear = ({ data }: MessageEvent<Reply>): void => {
      const answer = data.messages?.[0] ?? data
      if (answer.id !== id) return
      const took = performance.now() - start
      navigator.serviceWorker.removeEventListener('message', hear)
      if (isAnswer(name, answer)) resolve(took)
      else reject(new Error(`${name}: ${JSON.stringify(answer)}`))
    }
    navigator.serviceWorker.addEventListener('message', hear)
    registration.active?.postMessage(
      name === 'enqueue' ? message : { type: 'maestro:rpc', protocol: PROTOCOL, windowOff: false, messages: [message] },
    )
  })

navigator.serviceWorker.startMessages()
Object.assign(globalThis, { ask, isReady: true })
