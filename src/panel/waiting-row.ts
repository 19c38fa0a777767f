import { h, write } from '../dialog/h.ts'
import { said } from '../dialog/said.ts'
import type { ReceiptView } from '../protocol/views.ts'
import type { Act } from './acts.ts'
import { actsRow } from './acts.ts'
import { confirmSheet } from './confirm-sheet.ts'
import type { Desk } from './desk.ts'
import type { Part } from './keyed-list.ts'
import { promisePhrase, whyPhrase, wordsPhrase } from './phrases.ts'

/** How long a row that did not change is left as it is, ms: its times are told anew then. */
const SAME_MS = 10_000

/** The approvals dialog of this page, if it has one. */
const approvals = (): { open(): void } | null => document.querySelector<HTMLElement & { open(): void }>('maestro-approvals')

/** One item that waits or is done: what, why, until when, how safe it is, and what may be done about it. */
export const waitingRow = (desk: Desk): Part<ReceiptView> => {
  const title = h('p', { class: 'title' })
  const why = h('p', { class: 'why' })
  const promise = h('p', { class: 'promise' })
  const digest = h('p', { class: 'quiet' })
  const acts = actsRow()
  const element = h('li', { class: 'row' }, h('div', { class: 'text' }, title, why, promise, digest), acts.element)
  let shown = ''
  let named = ''

  const cancel = async (receipt: ReceiptView, about: string): Promise<void> => {
    const handle = await desk.source.handle(receipt.key).catch(() => null)
    const stopped = handle !== null && (await handle.cancel().catch(() => false))
    desk.say(stopped ? `${about}: will not run` : `${about}: too late, it has run or runs now`)
    desk.feed.refresh()
  }
  const ask = (receipt: ReceiptView, about: string): Promise<unknown> =>
    confirmSheet(desk.root, {
      title: 'Cancel',
      about,
      means: [
        receipt.attempts === 0
          ? 'It has not been done yet, and will not be. What you entered is not kept.'
          : 'It was tried already and may have run. Giving it up only ends the trying: it undoes nothing.',
      ],
      yes: receipt.attempts === 0 ? 'Cancel it' : 'Give it up',
      no: 'Keep it waiting',
      // What may have left cannot be cancelled, only given up.
      act: () => (receipt.attempts === 0 ? cancel(receipt, about).then(() => null) : desk.source.discard(receipt.key)),
    })
  const actsFor = (receipt: ReceiptView, about: string): Act[] => {
    const { waitingFor, key } = receipt
    const drop = { label: 'Cancel', act: () => ask(receipt, about) }
    const review = desk.options.review ?? approvals()?.open.bind(approvals())
    if (waitingFor === undefined || waitingFor === 'running') return []
    if (waitingFor === 'undo window') return [{ label: 'Undo', act: () => cancel(receipt, about) }]
    return waitingFor === 'approval' && review !== undefined ? [{ label: 'Review', look: 'main', act: () => review(key) }, drop] : [drop]
  }
  return {
    element,
    show: (receipt) => {
      const { snapshot, troubled } = desk.feed.state
      if (snapshot === null) return
      const { gate, durability } = snapshot
      const { waitingFor, status, dueAt, attempts, synced, updatedAt } = receipt
      const now = Date.now()
      const blocker = troubled.find(({ key }) => key === receipt.blockedBy)
      const pace = waitingFor === 'undo window' ? 1_000 : SAME_MS
      const wanted = [
        Math.floor(now / pace),
        gate.state,
        gate.version,
        durability,
        status,
        waitingFor,
        dueAt,
        attempts,
        synced,
        updatedAt,
        blocker?.key,
      ].join()
      if (wanted === shown) return
      shown = wanted
      const { title: name, detail } = desk.words(receipt)
      const words = `${name}\n${detail}`
      if (words !== named) title.replaceChildren(said(name), h('span', { class: 'detail' }, said(detail)))
      named = words
      write(why, waitingFor === undefined ? '' : whyPhrase(receipt, gate, now, blocker && desk.words(blocker).title))
      write(promise, promisePhrase(receipt, durability))
      write(digest, wordsPhrase(receipt))
      acts.show(actsFor(receipt, name), name)
    },
  }
}
