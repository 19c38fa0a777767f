/** Where a dialog is sampled, as parts of its width and height: corners are round, so not at the very edge. */
const AT = [0.04, 0.35, 0.65, 0.96]

/** What the page has put into the layer above everything. */
export const topLayer = (): Element[] => [...document.querySelectorAll(':popover-open,:modal,:fullscreen')]

const meet = (a: DOMRect, b: DOMRect): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/**
 * Whether something else of the page lies over `dialog`, which is in `host`'s shadow: what came into the top layer after it (`below` was
 * there before), and hit tests on a grid. Something in another shadow root that lets clicks through is left to `watchVeil`.
 */
export const isOverlaid = (host: Element, dialog: Element, below: ReadonlySet<Element>): boolean => {
  const box = dialog.getBoundingClientRect()
  const root = host.getRootNode() as Document | ShadowRoot
  return (
    topLayer().some((one) => one !== dialog && !below.has(one) && !one.contains(host) && meet(one.getBoundingClientRect(), box)) ||
    AT.some((x) =>
      AT.some((y) => {
        const hit = root.elementFromPoint(box.left + x * box.width, box.top + y * box.height)
        return hit !== null && hit !== host
      }),
    )
  )
}

/** Tells when `target` becomes veiled or clear, also by what lets clicks through. Does nothing in browsers that cannot tell. Returns the way to stop. */
export const watchVeil = (target: Element, tell: (veiled: boolean) => void): (() => void) => {
  if (!('isVisible' in IntersectionObserverEntry.prototype)) return () => undefined
  // Not in the compiler's library: IntersectionObserver v2; the delay is the least it allows, in ms.
  const options = { trackVisibility: true, delay: 100 } as IntersectionObserverInit
  const observer = new IntersectionObserver((entries) => {
    const { isIntersecting, isVisible } = entries.at(-1) as IntersectionObserverEntry & { readonly isVisible: boolean }
    tell(isIntersecting && !isVisible)
  }, options)
  observer.observe(target)
  return () => observer.disconnect()
}
