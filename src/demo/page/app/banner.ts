import type { GateView } from '../../../protocol/views.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import type { App } from './app.ts'

const LIMITED: { readonly [state: string]: string } = {
  kill: 'The gate is closed. Nothing runs; what waits is held and comes back unchanged.',
  readonly: 'The gate is read-only. New actions wait.',
  drain: 'The gate drains. What waits is finished; nothing new is taken.',
  'safe-worker': 'The worker runs in its safe mode. Nothing is taken on.',
}

/** Says across the page when MAESTRO is off or its gate is not simply open. */
export const banner = (app: App): HTMLElement => {
  const words = h('p', {})
  const element = h('div', { class: 'banner', role: 'status', hidden: true }, icon('warning'), words)
  const show = (text: string | null): void => {
    element.hidden = text === null
    words.textContent = text ?? ''
  }
  const off = (cause: string): string => `MAESTRO is off (${cause}). The assistant is stopped, and actions do only what they declared for this case.`
  const gated = (gate: GateView): string | null => (gate.state === 'run' ? null : `${LIMITED[gate.state] ?? gate.state} Cause: ${gate.cause}.`)
  const refresh = (): void => {
    const gate = app.live.snapshot()?.gate
    show(app.client.off !== null ? off(app.client.off) : gate === undefined ? null : gated(gate))
  }
  app.live.watch(refresh)
  window.addEventListener('focus', refresh)
  refresh()
  return element
}
