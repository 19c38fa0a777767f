import type { Snapshot, Status } from '../../../protocol/views.ts'
import { h } from '../dom/h.ts'
import { describeAction } from '../parts/describe-action.ts'

export type Announcer = { readonly element: HTMLElement; say(sentence: string): void; observe(snapshot: Snapshot): void }

/** The page's one live region: every outcome is said once, in the words that the chips show. */
export const createAnnouncer = (): Announcer => {
  const element = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' })
  let known: Map<string, Status> | null = null
  const say = (sentence: string): void => {
    element.replaceChildren(h('p', {}, sentence))
  }
  return {
    element,
    say,
    observe: (snapshot) => {
      const before = known
      known = new Map(snapshot.receipts.map((receipt) => [receipt.key, receipt.status]))
      if (before === null) return
      const changes = snapshot.receipts.filter((receipt) => before.get(receipt.key) !== receipt.status).slice(0, 3)
      if (changes.length > 0) say(changes.map((receipt) => `${describeAction(receipt.action, receipt.params).title}: ${receipt.status}`).join('. '))
    },
  }
}
