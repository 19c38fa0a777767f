import type { MemoryItem, MemoryPage, Tier } from '../../../memory/index.ts'
import type { Answer } from '../../../protocol/messages.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { memoryList, type Forget } from './memory-list.ts'

const DAY_MS = 86_400_000
const TIMELINE_SHOWN = 8
const LIMIT = 200

const NAMES: Readonly<Record<Tier, { readonly title: string; readonly hint: string; readonly empty: string }>> = {
  t1: { title: 'Core (T1)', hint: 'What you confirmed. Kept until you forget it.', empty: 'Nothing yet. Add something below.' },
  t2: { title: 'Working (T2)', hint: 'What is going on now. Ends by itself.', empty: 'Nothing is going on.' },
  t3: {
    title: 'Timeline (T3)',
    hint: `What happened, in order: the last day’s newest ${TIMELINE_SHOWN}. Never rewritten, never leaves this device.`,
    empty: 'Nothing in the last day. Let the assistant do something.',
  },
}

export type TierLists = {
  readonly element: HTMLElement
  /** Reads all tiers again; gives what they hold, or why they cannot be read. */
  refresh(): Promise<Answer<readonly MemoryItem[]>>
  clear(): void
}

/** The three tiers with what they hold now. */
export const memoryTiers = ({ memory: { tiers } }: App, forget: Forget): TierLists => {
  const lists = (['t1', 't2', 't3'] as const).map((tier) => {
    const { title, hint, empty } = NAMES[tier]
    const list = memoryList(title, forget)
    const none = h('p', { class: 'empty' }, empty)
    const element = h('section', { class: 'memory-tier' }, h('h3', {}, title), h('p', { class: 'hint' }, hint), list.element, none)
    const show = (items: readonly MemoryItem[]): void => {
      list.show(items)
      none.hidden = items.length > 0
    }
    return { tier, show, element }
  })
  const read = async (tier: Tier): Promise<Answer<readonly MemoryItem[]>> => {
    const items: MemoryItem[] = []
    let after: number | null = tier === 't3' ? Date.now() - DAY_MS : -1
    while (after !== null) {
      const page: Answer<MemoryPage> = await tiers.list(tier, { after, limit: LIMIT })
      if (!page.ok) return page
      items.push(...page.value.items)
      after = page.value.next
    }
    return { ok: true, value: items.toReversed() }
  }
  return {
    element: h('div', { class: 'memory-tiers' }, ...lists.map(({ element }) => element)),
    refresh: async () => {
      const all: MemoryItem[] = []
      for (const { tier, show } of lists) {
        const found = await read(tier)
        if (!found.ok) return found
        all.push(...found.value)
        show(tier === 't3' ? found.value.slice(0, TIMELINE_SHOWN) : found.value)
      }
      return { ok: true, value: all }
    },
    clear: () => lists.forEach(({ show }) => show([])),
  }
}
