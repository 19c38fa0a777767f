/** What the unlock document shows: at most two steps, each of which can be left without anything having happened. */
import type { AccountHandles, Unlockers } from '../../protocol/account.ts'
import { element, form, secretField, type Form } from './form-parts.ts'
import { makeRecoveryCode, readRecoveryCode, type Secret } from './stretch.ts'
import { changeAccount, createAccount, unlockAccount, type UnlockFailure } from './unlockers.ts'

/** NIST SP 800-63B asks for 8; this one guards everything, and nobody counts the guesses at a stolen copy. */
const PASSPHRASE_CHARS_MIN = 12

export type Screen = { show(node: HTMLElement): void; done(handles: AccountHandles): void; cancel(): void }

const WORDS: Readonly<Record<UnlockFailure, string>> = {
  WRONG_SECRET: 'That does not open this account. Check it and try again.',
  FORGED: 'The server’s copy is not what this account’s own key signed. Nothing was unlocked; tell whoever runs this app.',
}

/** What is typed when an old secret is asked for: 24 words are a code, everything else is a passphrase. */
const secretOf = (text: string): Secret => ({ kind: readRecoveryCode(text) ? 'recovery-code' : 'passphrase', text })

function newPassphrase(): { readonly rows: readonly Node[]; read(said: Form): Secret | null } {
  const first = secretField('new', `New passphrase, at least ${PASSPHRASE_CHARS_MIN} characters`, 'new-password')
  const again = secretField('again', 'The same again', 'new-password')
  return {
    rows: [first.row, again.row],
    read(said) {
      const text = first.input.value
      if (text.length < PASSPHRASE_CHARS_MIN) said.say(`At least ${PASSPHRASE_CHARS_MIN} characters, please: several words are easy to keep in mind.`)
      else if (text !== again.input.value) said.say('The two are not the same.')
      else return { kind: 'passphrase', text }
      return null
    },
  }
}

/** Shows the words once; goes on when the person says that they are kept. */
function showCode(screen: Screen, code: string, handles: AccountHandles): void {
  const words = element('ol', { class: 'words', id: 'code' }, ...code.split(' ').map((word) => element('li', {}, word)))
  const box = element('input', { type: 'checkbox', id: 'kept' })
  const kept = element('p', {}, box, element('label', { for: 'kept' }, 'I have written these words down and put them where I will find them.'))
  const shown = form(
    'Your recovery code',
    'These 24 words open your memory when the passphrase is forgotten. They are shown this once, and nobody else has them.',
    [words, kept],
    'Done',
    async () => (box.checked ? screen.done(handles) : shown.say('Write them down first: without them a forgotten passphrase is final.')),
    screen.cancel,
  )
  screen.show(shown.root)
}

export function showCreate(screen: Screen): void {
  const passphrase = newPassphrase()
  const shown = form(
    'Protect your memory',
    'This passphrase opens your memory on other devices. It is never sent anywhere.',
    passphrase.rows,
    'Continue',
    async () => {
      const secret = passphrase.read(shown)
      if (!secret) return
      const code = makeRecoveryCode()
      showCode(screen, code, await createAccount([secret, { kind: 'recovery-code', text: code }]))
    },
    screen.cancel,
  )
  screen.show(shown.root)
}

export function showUnlock(screen: Screen, unlockers: Unlockers): void {
  const field = secretField('secret', 'Passphrase, or the 24 words of the recovery code', 'current-password')
  const shown = form(
    'Unlock your memory',
    'What you type stays in this box: it is never sent anywhere, and this page cannot read it.',
    [field.row],
    'Unlock',
    async () => {
      const opened = await unlockAccount(unlockers, secretOf(field.input.value))
      if (opened.ok) screen.done(opened.value)
      else shown.say(WORDS[opened.error])
    },
    screen.cancel,
  )
  screen.show(shown.root)
  field.input.focus()
}

export function showChange(screen: Screen, unlockers: Unlockers, what: 'passphrase' | 'recovery-code'): void {
  const field = secretField('secret', 'Your present passphrase, or the recovery code', 'current-password')
  const passphrase = newPassphrase()
  const code = makeRecoveryCode()
  const shown = form(
    what === 'passphrase' ? 'A new passphrase' : 'A new recovery code',
    'Everything is sealed anew, so that the old one opens nothing that is written from now on.',
    [field.row, ...(what === 'passphrase' ? passphrase.rows : [])],
    'Continue',
    async () => {
      const next: Secret | null = what === 'passphrase' ? passphrase.read(shown) : { kind: 'recovery-code', text: code }
      const changed = next && (await changeAccount(unlockers, secretOf(field.input.value), next))
      if (changed?.ok) {
        if (what === 'recovery-code') showCode(screen, code, changed.value)
        else screen.done(changed.value)
      } else if (changed) shown.say(WORDS[changed.error])
    },
    screen.cancel,
  )
  screen.show(shown.root)
}
