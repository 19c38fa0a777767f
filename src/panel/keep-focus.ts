/** What had the focus may have moved or gone with a drawing: a keyboard never falls out of the panel. Call it before, and what it returns after. */
export const keepFocus = (root: ShadowRoot, otherwise: HTMLElement): (() => void) => {
  const active = root.activeElement
  const key = active?.closest<HTMLElement>('[data-key]')?.dataset['key']
  return () => {
    if (!(active instanceof HTMLElement) || root.activeElement !== null) return
    if (active.isConnected && active.checkVisibility()) return active.focus({ preventScroll: true })
    const again = key === undefined ? null : root.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"] button`)
    ;(again ?? otherwise).focus({ preventScroll: again !== null })
  }
}
