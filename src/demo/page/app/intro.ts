import { h } from '../dom/h.ts'
import { icon } from '../dom/icon.ts'
import { approvedPicture, asksPicture, judgedPicture, oncePicture } from './intro-pictures.ts'

const SEEN = 'harbour-intro-seen'

const remembered = (): boolean => {
  try {
    return localStorage.getItem(SEEN) === 'yes'
  } catch {
    return false
  }
}

const remember = (): void => {
  try {
    localStorage.setItem(SEEN, 'yes')
  } catch {
    return
  }
}

const step = (picture: SVGElement, title: string, text: string): HTMLElement => h('li', {}, picture, h('h3', {}, title), h('p', {}, text))

export type Intro = { readonly element: HTMLElement; open(): void }

/** The demo in one minute, as four pictures. Dismissed once, it stays away until asked for. */
export const intro = (): Intro => {
  const title = h('h2', { id: 'intro-title', tabindex: '-1' }, 'An assistant that may ask for anything, and do only what you allow')
  const close = (): void => {
    element.hidden = true
    remember()
    document.querySelector<HTMLElement>('main h1')?.focus()
  }
  const element = h(
    'section',
    { class: 'intro', 'aria-labelledby': 'intro-title', hidden: remembered() },
    h(
      'div',
      { class: 'intro-head' },
      title,
      h('button', { type: 'button', class: 'button small ghost', 'aria-label': 'Close the explanation', onclick: close }, icon('close')),
    ),
    h(
      'ol',
      { class: 'intro-steps' },
      step(
        asksPicture(),
        'It asks',
        'The assistant reads your mail and wants to act. It believes everything it reads, also what a stranger hid in there.',
      ),
      step(judgedPicture(), 'It is judged', 'MAESTRO weighs each call outside the page: routine, undoable, needs a person, or blocked.'),
      step(approvedPicture(), 'You approve', 'What matters is shown to you: the exact call, and who said each value. Approve or deny.'),
      step(
        oncePicture(),
        'Done once',
        'It happens exactly once, also offline and after a crash, and leaves a receipt in a chain nobody can rewrite.',
      ),
    ),
    h(
      'div',
      { class: 'row' },
      h('a', { class: 'button primary', href: '#/assistant/changed-account', onclick: remember }, 'Try the hidden instruction'),
      h('button', { type: 'button', class: 'button', onclick: close }, 'Got it'),
    ),
  )
  window.addEventListener('hashchange', () => (element.hidden = true))
  return {
    element,
    open: () => {
      element.hidden = false
      title.focus()
      element.scrollIntoView({ block: 'start' })
    },
  }
}
