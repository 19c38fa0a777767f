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

const EXPIRED = 'Your sign-in has expired. Nothing is lost: what you do is kept, and goes out after you sign in again.'

/** Says across the page when MAESTRO is off, its gate is not simply open, or the person has to sign in again. */
export const banner = (app: App): HTMLElement => {
  const words = h('p', {})
  const signIn = (): void => void app.client.signIn({ email: `${app.user}@example.com`, password: app.user })
  const again = h('button', { type: 'button', class: 'button small', hidden: true, onclick: signIn }, 'Sign in again')
  const element = h('div', { class: 'banner', role: 'status', hidden: true }, icon('warning'), words, again)
  const show = (text: string | null): void => {
    element.hidden = text === null
    words.textContent = text ?? ''
  }
  const off = (cause: string): string => `MAESTRO is off (${cause}). The assistant is stopped, and actions do only what they declared for this case.`
  const gated = (gate: GateView): string | null => (gate.state === 'run' ? null : `${LIMITED[gate.state] ?? gate.state} Cause: ${gate.cause}.`)
  const refresh = (): void => {
    const snapshot = app.live.snapshot()
    const gate = app.client.off !== null ? off(app.client.off) : snapshot === null ? null : gated(snapshot.gate)
    again.hidden = gate !== null || snapshot?.needsSignIn !== true
    show(gate ?? (again.hidden ? null : EXPIRED))
  }
  app.live.watch(refresh)
  window.addEventListener('focus', refresh)
  refresh()
  return element
}
