/** Which of some marks have been in view. */
export type EndWatch = {
  /** The first mark that has not been in view, if any. */
  first(): Element | undefined
  stop(): void
}

/** Tells how many of the `ends` have not been in view inside `scroller` yet. */
export const watchEnds = (scroller: Element, ends: Iterable<Element>, tell: (unseen: number) => void): EndWatch => {
  const left = new Set(ends)
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        left.delete(target)
        observer.unobserve(target)
      }
      tell(left.size)
    },
    { root: scroller },
  )
  for (const end of left) observer.observe(end)
  if (left.size === 0) tell(0)
  return { first: () => left.values().next().value, stop: () => observer.disconnect() }
}

/** Scrolls on by most of a page, but not past `end`; back up when it was jumped over. */
export const readOn = (scroller: Element, end: Element): void => {
  const { top, bottom, height } = scroller.getBoundingClientRect()
  const at = end.getBoundingClientRect().bottom
  scroller.scrollBy(0, at < top ? at - bottom : Math.min(height * 0.85, at - bottom + 8))
}
