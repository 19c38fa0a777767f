import type { ApprovalView, FieldView } from '../protocol/views.ts'
import { h } from './h.ts'
import { said } from './said.ts'

/** Who said a value, in words for a person. */
const ORIGINS: Readonly<Record<FieldView['origin'], string>> = {
  user: 'You said this',
  app: 'From this app',
  directory: 'From your directory',
  untrusted: 'Only untrusted text says this',
  agent: 'Chosen by the assistant',
}

/** What decides about harm comes first, large, and has one line. */
const WEIGHTY: ReadonlySet<FieldView['role']> = new Set<FieldView['role']>(['target', 'amount', 'object'])
/** From this length on a value says how long it is, in characters. */
const LONG = 300

type Spoken = Pick<FieldView, 'value' | 'origin' | 'saidBy' | 'quote'>

const spoken = ({ value, origin, saidBy, quote }: Spoken, oneLine: boolean): HTMLElement => {
  const speaker = saidBy !== undefined && origin !== 'agent' && origin !== 'user'
  return h(
    'div',
    { class: `spoken ${origin}` },
    h('div', { class: value.includes('\n') ? 'value lines' : 'value' }, said(value, oneLine)),
    h(
      'div',
      { class: 'origin' },
      h('span', {}, ORIGINS[origin]),
      speaker && ', said by ',
      speaker && said(saidBy, true),
      value.length > LONG && ` · ${value.length.toLocaleString('en')} characters`,
    ),
    origin === 'untrusted' && quote !== undefined && h('blockquote', {}, '“', said(quote), '”'),
    h('span', { class: 'end' }),
  )
}

/** Names that are abbreviations are written as such. */
const ABBREVIATIONS = /^(?:iban|bic|id|url|vat|cc|bcc)$/i

const field = (one: FieldView): HTMLElement => {
  const { items = [one], role, name } = one
  const count = items.length === 1 && one.items === undefined ? '' : ` (${items.length})`
  return h(
    'div',
    { class: `field ${role}` },
    h('dt', {}, said(ABBREVIATIONS.test(name) ? name.toUpperCase() : name, true), count),
    h('dd', {}, ...items.map((item) => spoken(item, WEIGHTY.has(role)))),
  )
}

/** Every value of a call with who said it. Each ends in an `.end` mark, to know that it was seen to its end. */
export const fieldList = ({ fields }: ApprovalView): HTMLElement => {
  const isWeighty = (one: FieldView): boolean => WEIGHTY.has(one.role)
  return h('dl', { class: 'fields' }, ...[...fields.filter(isWeighty), ...fields.filter((one) => !isWeighty(one))].map(field))
}
