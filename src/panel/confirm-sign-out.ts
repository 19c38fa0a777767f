import { h } from '../dialog/h.ts'
import { button } from './button.ts'
import { choiceButton } from './choice-button.ts'
import { drain } from './drain.ts'
import { exportSheet } from './export-sheet.ts'
import { counted } from './phrases.ts'
import { openSheet } from './sheet.ts'
import type { OutboxSource } from './source.ts'
import { adopt } from './styles.ts'
import { unsent } from './unsent.ts'

/**
 * `none`: nothing was unsent. `sent`: all of it went out. `kept`: it stays here, sealed, until the same person signs in
 * again. `exported`: it was taken out in a file. `cancel`: stay signed in.
 */
export type SignOutChoice = 'none' | 'sent' | 'kept' | 'exported' | 'cancel'

/** Asks what becomes of unsent work before somebody signs out. Nothing is lost by any of the answers; only `cancel` means not to sign out. */
export const confirmSignOut = async (maestro: OutboxSource): Promise<SignOutChoice> => {
  if ((maestro.snapshot?.principal ?? null) === null) return 'none'
  const { count } = await unsent(maestro)
  if (count === 0) return 'none'
  const host = h('div', {})
  const root = host.attachShadow({ mode: 'open' })
  adopt(root)
  document.body.append(host)
  try {
    for (;;) {
      const choice = await ask(root, maestro, count)
      if (choice !== 'exported') return choice
      if ((await exportSheet(root, maestro)) !== null) return 'exported'
    }
  } finally {
    host.remove()
  }
}

const ask = async (root: ShadowRoot, maestro: OutboxSource, count: number): Promise<SignOutChoice> => {
  const sheet = openSheet<SignOutChoice>(root, `You have ${counted(count, 'unsent action')}`, null)
  let stop = (): void => undefined
  const choices = (said: string): void => {
    stop()
    const online = maestro.snapshot?.online === true && maestro.snapshot.gate.state === 'run'
    const send = choiceButton(
      'Send now',
      online ? 'Wait here until everything has gone out' : 'Not possible now: there is no network, or MAESTRO is off',
      progress,
    )
    send.disabled = !online
    sheet.body.replaceChildren(
      h('p', { role: 'status' }, said),
      send,
      choiceButton('Keep it sealed here', 'It waits, encrypted, until you sign in on this device again. Nobody else can read or send it', () =>
        sheet.close('kept'),
      ),
      choiceButton('Take it with you', 'A sealed file and a code, for another browser', () => sheet.close('exported')),
    )
    sheet.actions.replaceChildren(button('Stay signed in', '', () => sheet.close('cancel')))
  }
  const progress = (): void => {
    const bar = h('progress', { 'aria-label': 'Sent', max: String(count), value: '0' })
    const words = h('p', { role: 'status' })
    sheet.body.replaceChildren(words, bar)
    const back = button('Stop waiting', '', () => choices('Nothing was taken back: what has not gone out still waits.'))
    sheet.actions.replaceChildren(back)
    back.focus()
    stop = drain(maestro, (left, stuck) => {
      bar.max = Math.max(bar.max, left)
      bar.value = bar.max - left
      words.textContent = `${counted(bar.value, 'action')} sent, ${left} to go`
      if (left === 0) sheet.close('sent')
      else if (stuck !== null) choices(stuck)
    })
  }
  choices('If you sign out now, nothing is lost. What should become of it?')
  const choice = await sheet.chosen
  stop()
  return choice ?? 'cancel'
}
