export type Part<T> = { readonly element: HTMLElement; show(item: T): void }

/** How many parts may still be made in this frame, and whether that was too few. */
export type Budget = { left: number; short: boolean }

/**
 * Keeps a list's children in line with items, each by its key: elements that stay are the same ones, in place, so that focus
 * stays too. What there is no budget for is left out; the next frame goes on.
 */
export const keyedList = <T>(list: HTMLElement, keyOf: (item: T) => string, make: () => Part<T>, budget: Budget): ((items: readonly T[]) => void) => {
  const parts = new Map<string, Part<T>>()
  return (items) => {
    const keys = new Set(items.map(keyOf))
    for (const [key, { element }] of parts) {
      if (keys.has(key)) continue
      element.remove()
      parts.delete(key)
    }
    let place = 0
    for (const item of items) {
      const key = keyOf(item)
      let part = parts.get(key)
      if (part === undefined) {
        budget.short ||= budget.left <= 0
        if (budget.short) continue
        budget.left -= 1
        part = make()
        part.element.dataset['key'] = key
        parts.set(key, part)
      }
      part.show(item)
      const there = list.children[place] ?? null
      if (there !== part.element) list.insertBefore(part.element, there)
      place += 1
    }
  }
}
