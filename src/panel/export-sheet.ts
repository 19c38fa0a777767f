import { h } from '../dialog/h.ts'
import { button } from './button.ts'
import { counted } from './phrases.ts'
import { openSheet } from './sheet.ts'
import type { OutboxSource } from './source.ts'
import { told } from './told.ts'

/** A download link's bytes are let go this much later; browsers read them at once. Milliseconds. */
const RELEASE_MS = 60_000

const save = (capsule: string): void => {
  const url = URL.createObjectURL(new Blob([capsule], { type: 'text/plain' }))
  h('a', { href: url, download: `unsent-work-${new Date().toISOString().slice(0, 10)}.maestro` }).click()
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS)
}

/** Takes unsent work out: a sealed file, and the code that opens it, shown once. Resolves with how many were taken out, or `null`. */
export const exportSheet = async (root: ShadowRoot, source: OutboxSource): Promise<number | null> => {
  const sheet = openSheet<number>(
    root,
    'Take your unsent work with you',
    null,
    h(
      'p',
      {},
      'Everything that has not gone out, also what failed, is sealed into one file. Bring it into another browser where you are signed in, and it goes out from there.',
    ),
    h('p', {}, 'Here it stops, and waits until you take it back. Nothing runs twice, wherever it is sent from.'),
  )
  let taken: number | null = null
  const make = async (): Promise<void> => {
    const answer = await told(source.export(), sheet.alert)
    if (answer === null) return
    const made = answer.value
    taken = made.count
    const copied = h('span', { role: 'status' })
    const code = h('output', { class: 'code', tabindex: '0', 'aria-label': 'Code' }, made.code)
    const copy = button('Copy the code', '', async () => {
      await navigator.clipboard.writeText(made.code).then(
        () => (copied.textContent = 'Copied'),
        () => (copied.textContent = 'Copying is not allowed here. Select the code and copy it.'),
      )
    })
    sheet.body.replaceChildren(
      h(
        'p',
        {},
        `${counted(made.count, 'action')} ${made.count === 1 ? 'is' : 'are'} in the file. Without this code nobody can open it, you neither.`,
      ),
      h(
        'ol',
        {},
        h(
          'li',
          {},
          h('span', {}, 'Save the file'),
          button('Save the file', '', () => save(made.capsule)),
        ),
        h('li', {}, h('span', {}, 'Keep this code. It is shown only now'), code, h('div', { class: 'acts' }, copy, copied)),
      ),
      h('p', { class: 'quiet' }, 'Lost one of them? Choose “Take back” here and nothing is lost.'),
    )
    sheet.actions.replaceChildren(button('I have both', 'main', () => sheet.close(made.count)))
    sheet.body.querySelector('button')?.focus()
  }
  sheet.actions.append(
    button('Cancel', '', () => sheet.close(null)),
    button('Make the file', 'main', make),
  )
  await sheet.chosen
  return taken
}
