import { h, write } from '../dialog/h.ts'
import { button } from './button.ts'
import { STEP, WINDOW_MAX } from './feed.ts'
import type { Feed } from './feed.ts'
import { counted } from './phrases.ts'

/** Where the window stands in a long outbox, and the ways to see more of it. */
export const pager = (element: HTMLElement, feed: Feed): ((total: number) => void) => {
  const range = h('p', { class: 'quiet' })
  const start = button('Back to the oldest', '', () => feed.toStart())
  const more = button('', '', () => feed.more())
  element.replaceChildren(range, start, more)
  return (total) => {
    const { items, before, after, limit } = feed.state
    element.hidden = !before && !after
    start.hidden = !before
    more.hidden = !after
    write(range, `${items.length} of ${counted(total, 'action')}, ${before ? 'further on' : 'the oldest first'}`)
    write(more, limit < WINDOW_MAX ? `Show ${STEP} more` : `Show the next ${WINDOW_MAX}`)
  }
}
