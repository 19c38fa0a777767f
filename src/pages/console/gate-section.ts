import { h } from '../../demo/page/dom/h.ts'
import { stop } from './api.ts'
import { listAt, numberAt, textAt, type Picture } from './picture.ts'
import { ACTIONS, count, moment, STATES } from './words.ts'

/** The form outlives every look, so that nobody's typing is lost to a refresh. */
const stopForm = (onStopped: () => void): HTMLElement => {
  const action = h('select', { id: 'stop-action', name: 'action' }, ...Object.entries(ACTIONS).map(([value, words]) => h('option', { value }, words)))
  const reason = h('input', { id: 'stop-reason', name: 'reason', required: true, minlength: 3, maxlength: 500, autocomplete: 'off' })
  const confirm = h('input', { id: 'stop-confirm', name: 'confirm', required: true, pattern: 'STOP', autocomplete: 'off', spellcheck: 'false' })
  const said = h('p', { class: 'said', role: 'status' })
  const button = h('button', { type: 'submit', class: 'danger' }, 'Stop')
  const send = async (): Promise<void> => {
    button.disabled = true
    said.textContent = 'Putting it in force…'
    const told = await stop(action.value, reason.value, confirm.value)
    button.disabled = false
    said.textContent = told.ok
      ? `Document ${told.value.version} is in force. Watch the coverage: each client proves that it obeys.`
      : `Not stopped: ${told.message}`
    if (!told.ok) return
    confirm.value = ''
    onStopped()
  }
  return h(
    'form',
    {
      class: 'stop',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    h('label', { for: 'stop-action' }, 'What'),
    action,
    h('label', { for: 'stop-reason' }, 'Why (everybody will read it)'),
    reason,
    h('label', { for: 'stop-confirm' }, 'Type STOP to confirm'),
    confirm,
    button,
    said,
    h('p', { class: 'hint' }, 'This console can stop and not resume: that takes the resume key. ', h('code', {}, 'maestro kill clear --reason "…"')),
  )
}

const coverage = (picture: Picture): HTMLElement => {
  if (!picture.coverage.ok) return h('p', { class: 'missing' }, `Coverage is not known: ${picture.coverage.message}`)
  const seen = numberAt(picture.coverage, 'devices')
  const proven = numberAt(picture.coverage, 'proven')
  const unproven = listAt(picture.coverage, 'unproven')
  return h(
    'div',
    {},
    h('p', { class: 'figure' }, h('strong', {}, `${count(proven)} of ${count(seen)}`), ' clients have proven the newest document'),
    h('progress', { max: Math.max(1, seen ?? 1), value: proven ?? 0, 'aria-label': 'Clients that have proven the newest document' }),
    unproven.length === 0
      ? null
      : h(
          'details',
          {},
          h('summary', {}, `${unproven.length} have not proven it`),
          h(
            'ul',
            {},
            ...unproven.map((one) =>
              h(
                'li',
                {},
                h('code', {}, String(one['device'] ?? '–').slice(0, 16)),
                ` ${String(one['tenant'] ?? '')}, ${STATES[String(one['state'])] ?? 'nothing said yet'}, last seen ${moment(one['seen'])}`,
              ),
            ),
          ),
        ),
  )
}

/** The killswitch: what is in force, who obeys, and the way to stop. */
export const gateSection = (onStopped: () => void): { readonly element: HTMLElement; show(picture: Picture): void } => {
  const state = h('div', {})
  const element = h(
    'section',
    { id: 'gate', 'aria-labelledby': 'gate-title' },
    h('h2', { id: 'gate-title' }, 'Gate'),
    h('div', { class: 'two' }, state, stopForm(onStopped)),
  )
  return {
    element,
    show(picture) {
      const documents = listAt(picture.state, 'kill_documents')
      state.replaceChildren(
        picture.flag.ok
          ? h(
              'p',
              { class: 'figure' },
              h('strong', {}, STATES[textAt(picture.flag, 'action')] ?? '–'),
              ` · document ${count(numberAt(picture.flag, 'version'))}`,
            )
          : h('p', { class: 'missing' }, `The kill document cannot be read: ${picture.flag.message}`),
        coverage(picture),
        h(
          'details',
          {},
          h('summary', {}, 'Earlier documents'),
          h(
            'ol',
            { class: 'documents' },
            ...documents.map((one) =>
              h(
                'li',
                {},
                h('strong', {}, `${String(one['version'])} ${STATES[String(one['action'])] ?? ''}`),
                ` ${moment(one['issued'])} ${String(one['reason'] ?? '')}`,
              ),
            ),
          ),
        ),
      )
    },
  }
}
