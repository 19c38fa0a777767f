import { h } from '../dialog/h.ts'

/** A button that cannot be pressed again while what it started goes on. Not `disabled`, which would take the focus away from under a keyboard. */
export const button = (label: string, look: string, act: () => unknown): HTMLButtonElement => {
  const element = h('button', { type: 'button', class: look }, label)
  element.onclick = async () => {
    if (element.ariaDisabled !== null) return
    element.ariaDisabled = 'true'
    try {
      await act()
    } finally {
      element.ariaDisabled = null
    }
  }
  return element
}
