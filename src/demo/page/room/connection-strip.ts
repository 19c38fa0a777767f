import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'

const SYNC: { readonly [state: string]: string } = { unknown: 'not tried', reachable: 'reachable', unreachable: 'unreachable', failing: 'failing' }

/** Network, ledger and storage in one line. */
export const connectionStrip = (app: App): HTMLElement => {
  const value = (): HTMLElement => h('dd', {}, '…')
  const network = value()
  const ledger = value()
  const storage = value()
  const set = (element: HTMLElement, text: string, good: boolean): void => {
    element.textContent = text
    element.dataset['good'] = String(good)
  }
  app.live.watch((snapshot) => {
    set(network, snapshot.online ? 'online' : 'offline', snapshot.online)
    set(ledger, SYNC[snapshot.sync] ?? snapshot.sync, snapshot.sync === 'reachable' || snapshot.sync === 'unknown')
    set(storage, snapshot.durability === 'durable' ? 'durable' : 'memory only', snapshot.durability === 'durable')
  })
  const pair = (name: string, element: HTMLElement): HTMLElement => h('div', {}, h('dt', {}, name), element)
  return h('dl', { class: 'connection', 'aria-label': 'Connection' }, pair('Network', network), pair('Ledger', ledger), pair('Storage', storage))
}
