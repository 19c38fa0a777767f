import { h, write } from '../dialog/h.ts'
import { TOKENS } from '../dialog/tokens.ts'
import { enrolPasskey } from './enrol-passkey.ts'
import type { PasskeySource } from './source.ts'

const STYLE = `${TOKENS}
form{display:flex;flex-direction:column;gap:14px;padding:var(--pad);overflow:auto}
h2{font-size:20px;line-height:1.3}
p{color:var(--muted)}
label{display:flex;flex-direction:column;gap:4px;font-weight:600}
input{min-height:44px;padding:0 12px;border:1px solid var(--line);border-radius:10px;font:inherit;font-weight:400;color:inherit;background:var(--surface)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[role=alert]{color:var(--danger);min-height:1.5em}
.acts{display:flex;gap:12px;justify-content:flex-end;flex-wrap:wrap}
button{padding:0 18px}
.add{color:var(--surface);background:var(--accent);border-color:var(--accent)}
`

/** What is asked of whom, in the dialog's own words. */
const ABOUT =
  'This needs proof that it is you: your fingerprint, face, or the lock of this device. ' +
  'Nothing about it leaves the device but a signature. Sign in once more to set it up.'

const ELSEWHERE =
  'No passkey of yours was used. If yours is on another device, you can set up one on this device as well. Sign in once more to do so.'

const FAILED: Readonly<Record<string, string>> = {
  AUTH_FAILED: 'That is not the right password for this account.',
  EFFECT_UNAVAILABLE: 'The server cannot be reached now. Please try again later.',
}

export type OfferOptions = {
  readonly hasOthers?: boolean
  /** Filled in already. */
  readonly email?: string
  /** A sentence of the app's own. */
  readonly note?: string
}

/**
 * Explains what a passkey is for and offers to set one up, after a login made for it. Resolves with whether one was; declining is no error.
 * `hasOthers`: the person has passkeys, and used none.
 * The dialog is modal above whatever is open; it is made anew each time and leaves nothing behind.
 */
export function offerPasskey(maestro: PasskeySource, { hasOthers = false, email: known = '', note = '' }: OfferOptions = {}): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const host = h('div', {})
  const root = host.attachShadow({ mode: 'open' })
  const email = h('input', { type: 'email', value: known, name: 'email', required: '', autocomplete: 'username' })
  const password = h('input', { type: 'password', name: 'password', required: '', autocomplete: 'current-password' })
  const alert = h('p', { role: 'alert' })
  const add = h('button', { type: 'submit', class: 'add' }, 'Set up a passkey')
  const decline = h('button', { type: 'button' }, 'Not now')
  const form = h(
    'form',
    {},
    h('h2', { id: 'title' }, 'Set up a passkey'),
    h('p', { id: 'about' }, hasOthers ? ELSEWHERE : ABOUT),
    note !== '' && h('p', {}, note),
    h('label', {}, 'E-mail', email),
    h('label', {}, 'Password', password),
    alert,
    h('div', { class: 'acts' }, decline, add),
  )
  const dialog = h('dialog', { 'aria-labelledby': 'title', 'aria-describedby': 'about' }, form)
  const end = (isThere: boolean): void => {
    resolve(isThere)
    dialog.close()
    host.remove()
  }
  const enrol = async (): Promise<void> => {
    add.disabled = true
    write(alert, '')
    const failed = await enrolPasskey(maestro, { email: email.value, password: password.value }).catch(
      () => 'No passkey was set up. Please try again.',
    )
    if (failed === null) return end(true)
    add.disabled = false
    write(alert, typeof failed === 'string' ? failed : (FAILED[failed.code] ?? failed.message))
    password.value = ''
    password.focus()
  }
  form.onsubmit = (event) => {
    event.preventDefault()
    if (!add.disabled) void enrol()
  }
  decline.onclick = () => end(false)
  dialog.onclose = () => end(false)
  root.append(h('style', {}, STYLE), dialog)
  document.body.append(host)
  dialog.showModal()
  if (known !== '') password.focus()
  return promise
}
