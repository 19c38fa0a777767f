import type { AccountView, Adopted } from '../../../memory/index.ts'
import type { Answer } from '../../../protocol/messages.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'

const SAYS: Readonly<Record<AccountView['state'], string>> = {
  none: 'Your memory is sealed for this device alone. With a passphrase it opens on your other devices too, and after a loss.',
  locked: 'Your memory has a passphrase. Unlock it on this device with that, or with the 24 words of the recovery code.',
  open: 'Unlocked on this device. Your other devices open it with the passphrase, or with the recovery code.',
  unknown: 'The server keeps what opens the account, and cannot be asked now.',
}

export type AccountPart = {
  readonly element: HTMLElement
  /** Asks how the account is, which takes the network; `null` when nobody can say. */
  refresh(): Promise<AccountView | null>
}

/** The account's key: a passphrase and a recovery code, typed into a document that this page cannot look into. */
export const memoryAccount = ({ memory: { account }, announce }: App, changed: () => void): AccountPart => {
  const title = h('h3', { tabindex: '-1' }, 'Account key')
  const says = h('p', { class: 'hint' })
  const result = h('p', { class: 'verdict' })
  const mount = h('div', { class: 'memory-mount' })
  const buttons = h('div', { class: 'row' })

  const perform = async (ceremony: (place: HTMLElement) => Promise<Answer<Adopted>>, done: string): Promise<void> => {
    result.textContent = ''
    buttons.hidden = true
    const answer = await ceremony(mount).catch((): null => null)
    buttons.hidden = false
    const cancelled = answer?.ok === true && 'cancelled' in answer.value
    result.dataset['intact'] = cancelled ? '' : String(answer?.ok ?? false)
    result.textContent = cancelled
      ? 'Nothing was changed.'
      : answer?.ok
        ? done
        : `This did not work: ${answer?.error.message ?? 'the document did not open'}.`
    announce(result.textContent)
    title.focus()
    if (!cancelled) changed()
  }
  const button = (label: string, ceremony: (place: HTMLElement) => Promise<Answer<Adopted>>, done: string, look = ''): HTMLElement =>
    h('button', { type: 'button', class: `button ${look}`, onclick: () => void perform(ceremony, done) }, label)
  const acts: Readonly<Record<AccountView['state'], () => readonly HTMLElement[]>> = {
    none: () => [button('Set a passphrase', (place) => account.create(place), 'The passphrase is set. Keep the recovery code safe.', 'primary')],
    locked: () => [button('Unlock', (place) => account.unlock(place), 'Unlocked on this device.', 'primary')],
    open: () => [
      button('New passphrase', (place) => account.changePassphrase(place), 'The new passphrase is set. The old one opens nothing new.'),
      button('New recovery code', (place) => account.changeRecoveryCode(place), 'The new recovery code is set. The old one opens nothing new.'),
    ],
    unknown: () => [h('button', { type: 'button', class: 'button', onclick: changed }, 'Ask again')],
  }
  let shown: string | null = null
  return {
    element: h('section', { class: 'memory-tier', 'aria-label': 'Account key' }, title, says, buttons, mount, result),
    refresh: async () => {
      const answer = await account.view().catch(() => null)
      const view = answer?.ok ? answer.value : null
      const state = view?.state ?? 'unknown'
      says.textContent = SAYS[state]
      // The button that has the focus stays.
      if (state !== shown) buttons.replaceChildren(...acts[state]())
      shown = state
      return view
    },
  }
}
