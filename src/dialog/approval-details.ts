import type { ApprovalView, FieldView } from '../protocol/views.ts'
import { h, said } from './h.ts'
import type { Child } from './h.ts'
import { ORIGINS } from './phrases.ts'

const BIG: ReadonlySet<FieldView['role']> = new Set<FieldView['role']>(['target', 'amount', 'object'])

const field = (one: FieldView): HTMLElement => {
  const quoted = one.origin === 'untrusted'
  const speaker = one.saidBy !== undefined && one.origin !== 'agent' && one.origin !== 'user'
  return h(
    'div',
    { class: `field ${one.role} ${one.origin}` },
    h('dt', {}, said(one.name)),
    h(
      'dd',
      {},
      h('div', { class: 'value' }, said(one.value)),
      h('div', { class: 'origin' }, h('span', {}, ORIGINS[one.origin]), speaker && ', said by ', speaker && said(one.saidBy ?? '')),
      quoted && one.quote !== undefined && h('blockquote', {}, '“', said(one.quote), '”'),
    ),
  )
}

const fact = (name: string, ...children: Child[]): HTMLElement => h('div', {}, h('dt', {}, name), h('dd', {}, ...children))

/** Everything a person needs to judge one call: what and to whom first, the agent's own words last. */
export const approvalDetails = (approval: ApprovalView, expiry: HTMLElement): HTMLElement[] => {
  const when = new Date(approval.expiresAt)
  const fields = [...approval.fields.filter((one) => BIG.has(one.role)), ...approval.fields.filter((one) => !BIG.has(one.role))]
  const asker = approval.agent === null ? 'You' : said(approval.agent)
  return [
    h('dl', { class: 'fields' }, ...fields.map(field)),
    h(
      'dl',
      { class: 'facts' },
      fact('What leaves', said(approval.leaves)),
      fact('Can be undone', approval.reversible ? 'Yes' : h('span', { class: 'final' }, 'No, this is final')),
      fact('Asked by', asker),
      fact('In the name of', said(approval.principal)),
      fact(
        'Expires',
        expiry,
        ' · ',
        h('time', { datetime: when.toISOString() }, when.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })),
      ),
      approval.reasons.length > 0 && fact('Why you are asked', ...approval.reasons.map((reason) => h('div', { class: 'why' }, said(reason)))),
      fact('Digest words', h('span', { title: approval.digest }, approval.words.join(' · '))),
    ),
    ...(approval.agentReason === undefined
      ? []
      : [h('section', {}, h('h3', {}, "The assistant's own explanation (not checked)"), h('p', {}, said(approval.agentReason)))]),
  ]
}
