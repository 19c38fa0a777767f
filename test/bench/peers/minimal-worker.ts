/** The least that answers: what a cold start costs in this browser, whatever the worker. */
import { scope } from './worker-scope.ts'

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
scope.addEventListener('message', (event) => {
  const { id } = (event.data as { readonly message: { readonly id: string } }).message
  event.source?.postMessage({ message: { id, value: { ok: true } } })
})
