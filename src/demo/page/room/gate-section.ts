import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { field } from '../parts/field.ts'
import { formatClock } from '../parts/format-time.ts'
import { flipGate } from './flip-gate.ts'
import type { RoomSection } from './section.ts'

const CAUSES: { readonly [cause: string]: string } = {
  none: 'nothing stops it',
  env: 'this build is switched off',
  window: 'this page is switched off',
  static: 'the static flag',
  remote: 'the remote kill document',
}

/** The killswitch: what it says, since when, who decided; and the flip, for whoever holds the operator's token. */
export const gateSection = (app: App): RoomSection => {
  const lamp = h('p', { class: 'lamp' })
  const facts = h('dl', { class: 'facts' })
  const health = h('dd', {}, 'not asked yet')
  const result = h('p', { class: 'verdict', role: 'status' })
  const token = field({
    name: 'operator-token',
    label: 'Operator’s token',
    type: 'password',
    hint: 'The text in the file admin.token of the data folder.',
  })
  const askHealth = async (): Promise<void> => {
    const report = await app.client.health().catch(() => null)
    health.textContent = report === null ? 'cannot be asked now' : 'version' in report ? `${report.status}, version ${report.version}` : report.status
  }
  const flip = async (action: 'kill' | 'run'): Promise<void> => {
    result.dataset['intact'] = ''
    result.textContent = 'Asking …'
    const answer = await flipGate(action, token.control.value.trim())
    result.dataset['intact'] = String(answer.ok)
    result.textContent = answer.ok ? `Done: version ${answer.version} says ${action}.` : answer.reason
    if (!answer.ok) return
    await app.client.refreshGate()
    await askHealth()
  }
  const button = (action: 'kill' | 'run', label: string, look: string): HTMLButtonElement =>
    h('button', { type: 'button', class: `button ${look}`, onclick: () => void flip(action) }, label)
  app.live.watch(({ gate }) => {
    lamp.dataset['state'] = gate.state
    lamp.textContent = gate.state === 'run' ? 'Open: actions run' : gate.state === 'kill' ? 'Closed: nothing runs' : `Limited: ${gate.state}`
    const rows: readonly (readonly [string, string])[] = [
      ['State', gate.state],
      ['Decided by', CAUSES[gate.cause] ?? gate.cause],
      ['Version', String(gate.version)],
      ['Reason', gate.reason ?? 'none given'],
      ['Checked', gate.checkedAt === null ? 'never' : formatClock(gate.checkedAt)],
    ]
    facts.replaceChildren(...rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]), h('dt', {}, 'Health'), health)
  })
  return {
    id: 'gate',
    title: 'Gate',
    enter: () => void askHealth(),
    element: h(
      'div',
      {},
      h('p', { class: 'hint' }, 'One switch stops everything, also what already waits. Held work comes back unchanged.'),
      lamp,
      facts,
      h(
        'form',
        { class: 'flip', autocomplete: 'off', 'aria-label': 'Flip the gate', onsubmit: (event) => event.preventDefault() },
        token.element,
        h('div', { class: 'row' }, button('kill', 'Kill', 'danger'), button('run', 'Run', 'primary')),
        result,
      ),
    ),
  }
}
