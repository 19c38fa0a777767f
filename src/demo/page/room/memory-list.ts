import type { MemoryItem } from '../../../memory/index.ts'
import { h } from '../dom/h.ts'
import { memoryItem } from './memory-item.ts'

export type Forget = (item: MemoryItem, text: string) => void

export type MemoryList = { readonly element: HTMLElement; show(items: readonly MemoryItem[]): void }

const nameOf = ({ tier, key, at, synced, others }: MemoryItem): string => JSON.stringify([tier, key, at, synced, others?.length])

/** A list of things remembered. What did not change stays the same element, so focus is not lost. */
export const memoryList = (label: string, forget: Forget): MemoryList => {
  const element = h('ul', { 'aria-label': label, hidden: true })
  let shown = new Map<string, HTMLElement>()
  return {
    element,
    show: (items) => {
      const next = new Map(items.map((item) => [nameOf(item), shown.get(nameOf(item)) ?? memoryItem(item, forget)]))
      for (const [name, row] of shown) if (!next.has(name)) row.remove()
      ;[...next.values()].forEach((row, place) => {
        if (element.children[place] !== row) element.insertBefore(row, element.children[place] ?? null)
      })
      shown = next
      element.hidden = items.length === 0
    },
  }
}
