import { h } from '../dom/h.ts'
import type { View } from '../views/view.ts'

const HOME = 'assistant'

/** The place that the address names: `#/PLACE/REST`. */
const parse = (hash: string): readonly [string, string] => {
  const [, place = '', ...rest] = hash.split('/')
  return [place === '' ? HOME : place, rest.join('/')]
}

/** The control room is the page's main part where a narrow screen shows nothing else. */
const standIn = (room: HTMLElement, asMain: boolean): void => {
  const heading = room.querySelector('h2')
  room.setAttribute('role', asMain ? 'main' : 'complementary')
  for (const [element, name, value] of [
    [heading, 'role', 'heading'],
    [heading, 'aria-level', '1'],
  ] as const) {
    if (asMain) element?.setAttribute(name, value)
    else element?.removeAttribute(name)
  }
}

/** Shows one view at a time by the address's fragment. `room` is the control room, which narrow screens show instead of the view. */
export const startRouter = (views: readonly View[], links: readonly HTMLAnchorElement[], room: HTMLElement): HTMLElement => {
  const place = h('main', { id: 'main', class: 'main' })
  const narrow = matchMedia('(max-width: 1199px)')
  const show = (first: boolean): void => {
    const [name, rest] = parse(location.hash)
    const inRoom = name === 'room'
    document.body.toggleAttribute('data-room', inRoom)
    standIn(room, inRoom && narrow.matches)
    const view = views.find(({ id }) => id === name) ?? views.find(({ id }) => id === HOME)
    const current = inRoom ? 'room' : view?.id
    for (const link of links) {
      const here = link.dataset['place'] === current
      if (here) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    document.title = `${inRoom ? 'Control room' : (view?.title ?? '')} · Harbour`
    if (!inRoom && view !== undefined) {
      view.enter?.(rest)
      place.replaceChildren(view.element)
    } else if (place.firstChild === null && views[0] !== undefined) {
      views[0].enter?.('')
      place.replaceChildren(views[0].element)
    }
    if (first) return
    window.scrollTo({ top: 0 })
    ;(inRoom ? room.querySelector<HTMLElement>('h2') : place.querySelector<HTMLElement>('h1'))?.focus({ preventScroll: true })
  }
  window.addEventListener('hashchange', () => show(false))
  narrow.addEventListener('change', () => standIn(room, document.body.hasAttribute('data-room') && narrow.matches))
  show(true)
  return place
}
