import { glyph } from './glyph.ts'
import { counted } from './phrases.ts'

/** Between two readings-out of the count, ms: a drain of thousands is not read out number by number. */
const SPEAK_MS = 2_000

/** How much waits and how much needs a person, as one line; a change of it is also said. */
export const summaryLine = (element: HTMLElement, say: (sentence: string) => void): ((waiting: number, needs: number) => void) => {
  let shown: string | null = null
  let said = 0
  return (waiting, needs) => {
    const wait = waiting === 0 ? 'Nothing waits' : counted(waiting, 'action waits', 'actions wait')
    const text = needs === 0 ? wait : `${wait} · ${counted(needs, 'needs you', 'need you')}`
    if (text === shown) return
    element.replaceChildren(...(waiting + needs === 0 ? [glyph('done')] : []), text)
    if (shown !== null && Date.now() - said > SPEAK_MS) {
      said = Date.now()
      say(text)
    }
    shown = text
  }
}
