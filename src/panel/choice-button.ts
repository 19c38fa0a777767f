import { h } from '../dialog/h.ts'
import { button } from './button.ts'

/** A large button: what it does, and below it what that means. */
export const choiceButton = (label: string, meaning: string, act: () => unknown): HTMLButtonElement => {
  const element = button('', 'choice', act)
  element.append(h('span', {}, label), h('span', { class: 'quiet' }, meaning))
  return element
}
