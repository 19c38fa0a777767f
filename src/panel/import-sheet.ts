import { h } from '../dialog/h.ts'
import type { ImportReport } from '../protocol/views.ts'
import { button } from './button.ts'
import { counted } from './phrases.ts'
import { openSheet } from './sheet.ts'
import type { OutboxSource } from './source.ts'
import { told } from './told.ts'

/** What came of an import, in words. */
export const importPhrase = ({ imported, known, refused }: ImportReport): string =>
  [
    imported > 0
      ? `${counted(imported, 'action')} brought in. ${imported === 1 ? 'It goes' : 'They go'} out from here.`
      : 'Nothing new was brought in.',
    known > 0 && `${counted(known, 'action was', 'actions were')} here already.`,
    refused > 0 && `${counted(refused, 'action')} could not be taken: not yours, or not known to this app.`,
  ]
    .filter((part) => part !== false)
    .join(' ')

/** Brings in what was taken out elsewhere. Resolves with the report in words, or `null`. */
export const importSheet = async (root: ShadowRoot, source: OutboxSource): Promise<string | null> => {
  const file = h('input', { type: 'file', id: 'import-file', accept: '.maestro,.txt,text/plain' })
  const text = h('textarea', { id: 'import-text', rows: '3', autocomplete: 'off', spellcheck: 'false' })
  const code = h('input', { id: 'import-code', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' })
  const field = (name: string, control: HTMLElement): HTMLElement => h('div', { class: 'field' }, h('label', { for: control.id }, name), control)
  const sheet = openSheet<string>(
    root,
    'Bring unsent work in',
    null,
    h('p', {}, 'Choose the file that was made in the other browser, and type the code that was shown with it.'),
    field('File', file),
    h('details', {}, h('summary', {}, 'Paste its text instead'), field('Text of the file', text)),
    field('Code', code),
  )
  let words: string | null = null
  const bring = async (): Promise<void> => {
    const capsule = (text.value || ((await file.files?.[0]?.text()) ?? '')).trim()
    if (capsule === '' || code.value.trim() === '') {
      sheet.alert.textContent = capsule === '' ? 'Choose the file first.' : 'Type the code first.'
      ;(capsule === '' ? file : code).focus()
      return
    }
    const report = await told(source.import({ capsule, code: code.value.trim() }), sheet.alert)
    if (report === null) return
    words = importPhrase(report.value)
    const done = button('Close', 'main', () => sheet.close(words))
    sheet.body.replaceChildren(h('p', { role: 'status' }, words))
    sheet.actions.replaceChildren(done)
    done.focus()
  }
  sheet.actions.append(
    button('Cancel', '', () => sheet.close(null)),
    button('Bring it in', 'main', bring),
  )
  await sheet.chosen
  return words
}
