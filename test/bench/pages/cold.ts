/** A page with no client of any kind: it posts one message and times the answer, so that only the worker's start differs. */
import { PROTOCOL, VERSION } from '../../../src/protocol/version.ts'
import { INTENT } from './intent.ts'

type Reply = { readonly message?: { readonly id?: string; readonly value?: { readonly ok?: boolean } } }

const ARGUMENTS = {
  hello: () => ({ build: VERSION }),
  execute: () => ({ action: 'bench.enqueue', params: INTENT, key: crypto.randomUUID() }),
}

const registration = await navigator.serviceWorker.register('./sw.js')
await navigator.serviceWorker.ready

const ask = (name: keyof typeof ARGUMENTS): Promise<number> =>
  new Promise((resolve, reject) => {
    const id = crypto.randomUUID()
    const message = { id, type: 'APPLY', path: [name], argumentList: [{ type: 'RAW', value: ARGUMENTS[name]() }] }
    const start = performance.now()
    const hear = ({ data }: MessageEvent<Reply>): void => {
      if (data.message?.id !== id) return
      const took = performance.now() - start
      navigator.serviceWorker.removeEventListener('message', hear)
      if (data.message.value?.ok === true) resolve(took)
      else reject(new Error(`${name}: ${JSON.stringify(data.message)}`))
    }
    navigator.serviceWorker.addEventListener('message', hear)
    registration.active?.postMessage({ type: 'maestro:rpc', protocol: PROTOCOL, windowOff: false, message })
  })

navigator.serviceWorker.startMessages()
Object.assign(globalThis, { ask, isReady: true })
