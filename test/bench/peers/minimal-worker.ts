/** The least that answers: what a cold start costs in this browser, whatever the worker. */
import { scope } from './worker-scope.ts'

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
scope.addEventListener('message', (event) => {
  const { messages } = event.data as { readonly messages: readonly { readonly id: string }[] }
  event.source?.postMessage({ messages: messages.map(({ id }) => ({ id, value: { ok: true } })) })
})
