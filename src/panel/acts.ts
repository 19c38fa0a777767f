import { h } from '../dialog/h.ts'
import { button } from './button.ts'

export type Act = { readonly label: string; readonly look?: string; readonly act: () => unknown }

/** A row of buttons that is rebuilt only when other ones are needed. Screen readers hear what each is about. */
export const actsRow = (): { readonly element: HTMLElement; show(acts: readonly Act[], about: string): void } => {
  const element = h('div', { class: 'acts' })
  let shown = ''
  let current: readonly Act[] = []
  return {
    element,
    show: (acts, about) => {
      current = acts
      const wanted = acts.map(({ label, look }) => label + look).join()
      if (wanted === shown) return
      shown = wanted
      element.replaceChildren(
        ...acts.map(({ label, look = '' }, index) => {
          const made = button(label, look, () => current[index]?.act())
          made.ariaLabel = `${label}: ${about}`
          return made
        }),
      )
    },
  }
}
