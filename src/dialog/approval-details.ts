import type { ApprovalView } from '../protocol/views.ts'
import { fieldList } from './fields.ts'
import { h } from './h.ts'
import { said } from './said.ts'
import type { Child } from './h.ts'

const fact = (name: string, ...children: Child[]): HTMLElement => h('div', {}, h('dt', {}, name), h('dd', {}, ...children))

/** Who asks, for whom, and whether there is a way back: one line. */
export const gist = ({ agent, principal, reversible }: ApprovalView): (Node | string)[] => [
  'Asked by ',
  h('strong', {}, agent === null ? 'you' : said(agent, true)),
  ', in the name of ',
  said(principal, true),
  '. ',
  reversible ? 'It can be undone.' : h('strong', { class: 'final' }, 'It cannot be undone.'),
]

/** Everything a person needs to judge one call: what and to whom first, the agent's own words last. */
export const approvalDetails = (approval: ApprovalView, expiry: HTMLElement): HTMLElement[] => {
  const when = new Date(approval.expiresAt)
  const { reasons, agentReason } = approval
  return [
    fieldList(approval),
    h(
      'dl',
      { class: 'facts' },
      fact('What leaves', said(approval.leaves)),
      reasons.length > 0 && fact('Why you are asked', ...reasons.map((reason) => h('div', {}, said(reason)))),
      fact(
        'Expires',
        expiry,
        ' · ',
        h('time', { datetime: when.toISOString() }, when.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })),
      ),
      fact('Digest words', h('span', { title: approval.digest }, approval.words.join(' · '))),
    ),
    ...(agentReason === undefined
      ? []
      : [h('section', {}, h('h3', {}, "The assistant's own explanation (not checked)"), h('p', { class: 'lines' }, said(agentReason)))]),
  ]
}
