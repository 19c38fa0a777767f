import type { Failure } from '../protocol/failure.ts'
import type { AccountView } from '../protocol/memory.ts'
import type { Answer } from '../protocol/messages.ts'
import type { AccountHandles } from '../protocol/account.ts'
import type { Commander } from './tiered-memory.ts'
import type { UnlockAnswer, UnlockAsk, UnlockCall } from './unlock/ask.ts'

export type AccountKeyOptions = {
  /** Where the app serves the unlock document; `/maestro-unlock.html` when absent. */
  readonly document?: string
}

/** The document shows itself within a second; one that has not said a word by then is not there. What a person does has no limit. */
const SPEAKS_WITHIN_MS = 20_000

/** What came of a ceremony: the generation of keys that this device has now, or that the person went away. */
export type Adopted = { readonly generation: number; readonly resealed: number } | { readonly cancelled: true }

/**
 * The account's key: made once, opened on further devices, given new secrets.
 *
 * What a person types is typed into a document of another realm, which this page's scripts cannot look into; out of it come sealed copies
 * for the server, and handles that nobody can export.
 */
export class AccountKey {
  readonly #maestro: Commander
  readonly #document: string

  constructor(maestro: Commander, { document = '/maestro-unlock.html' }: AccountKeyOptions = {}) {
    this.#maestro = maestro
    this.#document = document
  }

  /** Whether there is an account, and whether this device has its keys. */
  view(): Promise<Answer<AccountView>> {
    return this.#maestro.command('account')
  }

  /** A new account: asks for a passphrase and shows the recovery code. `mount` is where the document is shown. */
  create(mount: HTMLElement): Promise<Answer<Adopted>> {
    return this.#perform(mount, { what: 'create' })
  }

  /** Opens the account on this device, by passphrase or recovery code. */
  unlock(mount: HTMLElement): Promise<Answer<Adopted>> {
    return this.#withUnlockers(mount, 'unlock')
  }

  /** A new passphrase; everything is sealed anew under a new root. */
  changePassphrase(mount: HTMLElement): Promise<Answer<Adopted>> {
    return this.#withUnlockers(mount, 'passphrase')
  }

  /** A new recovery code; everything is sealed anew under a new root. */
  changeRecoveryCode(mount: HTMLElement): Promise<Answer<Adopted>> {
    return this.#withUnlockers(mount, 'recovery-code')
  }

  /** A new key epoch: everything is sealed anew, without any secret being asked for. */
  rotate(): Promise<Answer<{ readonly epoch: number; readonly resealed: number }>> {
    return this.#maestro.command('accountRotate')
  }

  async #withUnlockers(mount: HTMLElement, what: 'unlock' | 'passphrase' | 'recovery-code'): Promise<Answer<Adopted>> {
    const view = await this.view()
    if (!view.ok) return view
    const { unlockers } = view.value
    if (unlockers !== null) return this.#perform(mount, { what, unlockers })
    const error: Failure = { code: 'OFFLINE_REFUSED', retry: 'later', message: 'there is no account to unlock, or the server is out of reach' }
    return { ok: false, error }
  }

  async #perform(mount: HTMLElement, ask: UnlockAsk): Promise<Answer<Adopted>> {
    const handles = await this.#ceremony(mount, ask)
    if (handles === 'silent') {
      const error: Failure = { code: 'WORKER_UNREACHABLE', retry: 'later', message: 'the unlock document does not answer' }
      return { ok: false, error }
    }
    return handles ? this.#maestro.command('accountAdopt', { handles }) : { ok: true, value: { cancelled: true } }
  }

  #ceremony(mount: HTMLElement, ask: UnlockAsk): Promise<AccountHandles | 'silent' | null> {
    const frame = mount.ownerDocument.createElement('iframe')
    // The document's own policy sandboxes it too; this holds where a host forgot the header.
    frame.setAttribute('sandbox', 'allow-scripts allow-forms')
    frame.title = 'Account key'
    frame.src = this.#document
    frame.style.cssText = 'border:0;width:100%;height:26rem;display:block'
    const { port1, port2 } = new MessageChannel()
    const answered = new Promise<AccountHandles | 'silent' | null>((resolve) => {
      const timer = setTimeout(() => resolve('silent'), SPEAKS_WITHIN_MS)
      port1.addEventListener('message', ({ data }: MessageEvent<UnlockAnswer>) => {
        clearTimeout(timer)
        if (data.type === 'height') frame.style.height = `${Math.min(2_000, Math.max(100, data.px))}px`
        else resolve(data.type === 'done' ? data.handles : null)
      })
    })
    port1.start()
    frame.addEventListener(
      'load',
      () => {
        const call: UnlockCall = { type: 'maestro:unlock', ask }
        // The sandboxed document has no origin to name; only ever our own document is in this frame.
        frame.contentWindow?.postMessage(call, '*', [port2])
      },
      { once: true },
    )
    mount.append(frame)
    return answered.finally(() => {
      port1.close()
      frame.remove()
    })
  }
}
