import { h, write } from '../dialog/h.ts'
import { said } from '../dialog/said.ts'
import type { ReceiptView } from '../protocol/views.ts'
import { actsRow } from './acts.ts'
import type { Act } from './acts.ts'
import type { Trouble } from './arrange.ts'
import { confirmSheet } from './confirm-sheet.ts'
import type { Desk } from './desk.ts'
import { fieldsOf } from './edit-fields.ts'
import { editSheet } from './edit-sheet.ts'
import { glyph } from './glyph.ts'
import { keyedList } from './keyed-list.ts'
import type { Part } from './keyed-list.ts'
import { counted, promisePhrase, timeOf, troublePhrase, wordsPhrase } from './phrases.ts'
import { told } from './told.ts'
import { waitingRow } from './waiting-row.ts'

/** Dependants shown beneath what blocks them; the rest are counted. */
const DEPENDANTS_MAX = 3

/** One item that needs a person: what happened, what it means, what may be done, and what stands still behind it. */
export const troubleCard = (desk: Desk): Part<Trouble> => {
  const badge = h('span', { class: 'badge' })
  const title = h('h3', { tabindex: '-1' })
  const why = h('p', { class: 'why' })
  const promise = h('p', { class: 'promise' })
  const digest = h('p', { class: 'quiet' })
  const alert = h('p', { role: 'alert' })
  const acts = actsRow()
  const behind = h('ul', { class: 'behind' })
  const more = h('p', { class: 'quiet' })
  const element = h('li', {}, h('div', { class: 'bar' }, badge), title, why, promise, digest, acts.element, alert, behind, more)
  const showBehind = keyedList(
    behind,
    ({ key }: ReceiptView) => key,
    () => waitingRow(desk),
    desk.budget,
  )
  let shown = ''

  const actsFor = ({ receipt, dependants }: Trouble, about: string): Act[] => {
    const { source, root, options } = desk
    const { key } = receipt
    const dead = receipt.status === 'dead'
    const retry = async (): Promise<void> => {
      if ((await told(source.retry(key), alert)) !== null) desk.say(`${about}: will be tried again`)
      desk.feed.refresh()
    }
    const twice = (): Promise<unknown> =>
      confirmSheet(root, {
        title: 'Send again',
        about,
        means: [
          'It may have run already, and this server does not remember. If it did, it happens a second time.',
          'Look at the other end first, if you can.',
        ],
        yes: 'Send it again',
        no: 'Leave it',
        act: () => source.retry(key),
      }).then((sent) => sent && desk.feed.refresh())
    const discard = (): Promise<unknown> =>
      confirmSheet(root, {
        title: 'Discard',
        about,
        means: [
          dead
            ? 'It was not done, and will not be. What you entered is not kept.'
            : 'It may have run. Discarding only stops asking: it undoes nothing. Look at the other end, if you can.',
          ...(dependants.length > 0 ? [`${counted(dependants.length, 'action')} behind it will go on without it.`] : []),
        ],
        yes: 'Discard it',
        no: 'Keep it',
        act: () => source.discard(key),
      }).then((gone) => {
        if (gone) desk.say(`${about}: discarded`)
        desk.feed.refresh()
      })
    const fields = options.fields === undefined ? fieldsOf(receipt.params) : options.fields(receipt)
    const edit = async (): Promise<void> => {
      if (await editSheet(root, source, receipt, about, fields ?? [])) desk.say(`${about}: sent as a new action`)
      desk.feed.refresh()
    }
    const editable = dead && fields !== null && fields.length > 0
    // What was refused as it is, is refused again: the way out is to change it.
    const change = editable && receipt.failure?.code === 'EFFECT_REJECTED'
    return [
      { label: 'Retry', look: change ? '' : 'main', act: !dead && receipt.guarantee === 'at-most-once' ? twice : retry },
      ...(editable ? [{ label: 'Edit', look: change ? 'main' : '', act: edit }] : []),
      { label: 'Discard', act: discard },
    ]
  }

  return {
    element,
    show: (trouble) => {
      const { receipt, dependants } = trouble
      const { title: name, detail } = desk.words(receipt)
      const dead = receipt.status === 'dead'
      const { snapshot } = desk.feed.state
      if (snapshot === null) return
      const now = `${receipt.status} ${name}\n${detail}\n${receipt.updatedAt}`
      if (now !== shown) {
        element.className = `card ${dead ? 'dead' : 'unknown'}`
        badge.replaceChildren(glyph(dead ? 'dead' : 'person'), dead ? 'Failed' : 'Not known')
        title.replaceChildren(said(name), h('span', { class: 'detail' }, said(detail)))
        const tries = receipt.attempts > 1 ? `, after ${receipt.attempts} attempts` : ''
        why.replaceChildren(
          h('strong', {}, `${troublePhrase(receipt)}.`),
          ...(dead && receipt.failure !== undefined ? [' “', said(receipt.failure.message), '”'] : []),
          h('span', { class: 'quiet' }, ` · ${timeOf(receipt.updatedAt, Date.now())}${tries}`),
        )
      }
      shown = now
      write(promise, promisePhrase(receipt, snapshot.durability))
      write(digest, wordsPhrase(receipt))
      acts.show(actsFor(trouble, name), name)
      showBehind(dependants.slice(0, DEPENDANTS_MAX))
      const rest = dependants.length - DEPENDANTS_MAX
      write(more, rest > 0 ? `and ${counted(rest, 'more action')} behind it` : '')
    },
  }
}
