import { h } from './h.ts'
import type { Segment } from './visible-text.ts'

type Spell = (text: string, oneLine?: boolean) => readonly Segment[]

/** Without the scrutiny, everything but plain Western text is shown by its number: ugly, never deceiving. */
const bare: Spell = (text) => [{ text: text.replaceAll(/[^\n -~¡-¬®-İĲ-ſ–—‘’“”…€]/gu, (one) => `[U+${one.codePointAt(0)?.toString(16)}]`) }]

let spell = bare
let loading: Promise<boolean> | undefined

/** Fetches the scrutiny of texts, a file of its own, once. Resolves false when it cannot be had; the next call tries again. */
export const scrutiny = (): Promise<boolean> =>
  (loading ??= import('./visible-text.ts').then(
    (part) => {
      spell = part.visibleText
      return true
    },
    () => {
      loading = undefined
      return false
    },
  ))

/** Someone's text, isolated from its surroundings' direction, with what deceives the eye spelled out. `oneLine`: line breaks and pictures too. */
export const said = (text: string, oneLine = false): HTMLElement => {
  const element = h('bdi', { dir: 'ltr' })
  const fill = (): void =>
    element.replaceChildren(
      ...spell(text, oneLine).flatMap(({ text: shown, note }) => {
        if (note === undefined) return [shown]
        // A break goes behind its mark, or it would tear it in two.
        return shown === '\n' ? [h('mark', {}, h('small', {}, `[${note}]`)), shown] : [h('mark', {}, shown, h('small', {}, `[${note}]`))]
      }),
    )
  fill()
  if (spell === bare) void scrutiny().then((there) => there && fill())
  return element
}
