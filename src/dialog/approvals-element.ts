import type { Maestro } from '../client/api.ts'
import type { Snapshot } from '../protocol/views.ts'
import { approvalDetails } from './approval-details.ts'
import { canDecide, identity, initialState, nextChangeAt, positionOf, reduce } from './controller.ts'
import type { DialogEvent, DialogState, Verdict } from './controller.ts'
import { dialogParts } from './dialog-parts.ts'
import type { DialogParts } from './dialog-parts.ts'
import { h, said, write } from './h.ts'
import { fatePhrase, timeLeft, waitingPhrase } from './phrases.ts'

/** The part of MAESTRO's client that the dialog needs. */
export type ApprovalSource = Pick<Maestro, 'snapshot' | 'subscribe' | 'decide'>

/** Relative expiry is redrawn this often, ms; every second in the last two minutes. */
const REDRAW_MS = 30_000

/**
 * MAN mode's dialog: shows each approval that waits and hands a person's decision to the worker. It decides nothing itself.
 * Its guards (arming, trusted events, hidden, framed) bind only an honest page; a script in the page can call the client directly.
 */
export class MaestroApprovals extends HTMLElement {
  #maestro: ApprovalSource | null = null
  #stop: (() => void) | null = null
  #state: DialogState = initialState(true)
  readonly #parts: DialogParts = dialogParts(this.attachShadow({ mode: 'open' }))
  #timer: ReturnType<typeof setTimeout> | undefined
  #drawn: string | null = null
  #expiry: HTMLElement = h('span', {})
  /** Approve was reached by Tab: only then Enter on Approve is a deliberate act. */
  #tabbed = false

  constructor() {
    super()
    const { dialog, approve, deny, pill, previous, next } = this.#parts
    dialog.oncancel = (event) => {
      event.preventDefault()
      this.#send({ type: 'dismissed' })
    }
    dialog.onclose = () => {
      if (this.#isOpen() && !dialog.open) this.#send({ type: 'dismissed' })
    }
    dialog.onkeydown = (event) => {
      const enter = event.key === 'Enter'
      if ((event.repeat && (enter || event.key === ' ')) || (enter && event.composedPath()[0] === approve && !this.#tabbed)) event.preventDefault()
    }
    approve.onkeyup = (event) => {
      this.#tabbed ||= event.isTrusted && event.key === 'Tab'
    }
    approve.onblur = () => {
      this.#tabbed = false
    }
    approve.onclick = (event) => void this.#decide('approve', event)
    deny.onclick = (event) => void this.#decide('deny', event)
    pill.onclick = () => this.#send({ type: 'reopened' })
    previous.onclick = () => this.#send({ type: 'stepped', by: -1 })
    next.onclick = () => this.#send({ type: 'stepped', by: 1 })
  }

  get maestro(): ApprovalSource | null {
    return this.#maestro
  }

  set maestro(maestro: ApprovalSource | null) {
    this.#maestro = maestro
    if (this.isConnected) this.#listen()
  }

  /** Brings back what was put aside; nothing when nothing waits. */
  open(): void {
    this.#send({ type: 'reopened' })
  }

  connectedCallback(): void {
    document.addEventListener('visibilitychange', this.#onVisibility)
    this.#state = initialState(!document.hidden)
    // A value set before the element was defined hides the accessor: take it over.
    const { maestro } = this
    Reflect.deleteProperty(this, 'maestro')
    this.maestro = maestro
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    this.#stop?.()
    this.#stop = null
    clearTimeout(this.#timer)
    this.#drawn = null
    this.#parts.dialog.close()
  }

  readonly #onVisibility = (): void => this.#send({ type: 'visibility', visible: !document.hidden })

  #listen(): void {
    this.#stop?.()
    this.#stop = this.#maestro?.subscribe((snapshot) => this.#take(snapshot)) ?? null
    this.#take(this.#maestro?.snapshot ?? null)
  }

  #take(snapshot: Snapshot | null): void {
    const fates = new Map((snapshot?.receipts ?? []).map((receipt) => [receipt.key, receipt.status]))
    this.#send({ type: 'listed', approvals: snapshot?.approvals ?? [], fates })
  }

  #send(event: DialogEvent): void {
    const before = this.#state
    this.#state = reduce(before, event, Date.now())
    this.#draw(before)
  }

  async #decide(verdict: Verdict, event: Event): Promise<void> {
    const { shown } = this.#state
    if (!event.isTrusted || document.hidden || window.top !== window || shown === null || this.#maestro === null) return
    if (!canDecide(this.#state, Date.now())) return
    this.#send({ type: 'chosen', verdict })
    const answer = await this.#maestro.decide({ id: shown.id, digest: shown.digest, verdict }).catch(() => 'Not delivered. Please try again.')
    this.#send({ type: 'answered', error: answer === null || typeof answer === 'string' ? answer : answer.message })
  }

  #isOpen(): boolean {
    return this.#state.shown !== null && !this.#state.dismissed
  }

  #draw(before: DialogState): void {
    const parts = this.#parts
    const state = this.#state
    const now = Date.now()
    const { shown } = state
    const count = state.queue.length
    const { dialog, heading, approve, deny } = parts
    const fresh = shown !== null && identity(shown) !== this.#drawn
    if (shown === null) this.#drawn = null
    if (fresh) {
      this.#drawn = identity(shown)
      dialog.className = shown.lane
      write(parts.lane, shown.lane)
      heading.replaceChildren(said(shown.title))
      parts.body.replaceChildren(...approvalDetails(shown, this.#expiry))
      parts.body.scrollTop = 0
    }
    const framed = window.top !== window
    const open = canDecide(state, now) && !framed
    const opened = approve.disabled && open
    approve.disabled = deny.disabled = !open
    parts.showPlace(positionOf(state), count, state.busy !== null || state.gone !== null)
    if (shown !== null) write(this.#expiry, timeLeft(shown.expiresAt - now))
    write(parts.alert, framed ? 'Open this page in its own tab to decide.' : (state.error ?? ''))
    write(parts.status, state.gone !== null ? fatePhrase(state.gone.fate) : state.busy !== null ? 'Sending…' : '')
    write(parts.pill, waitingPhrase(count))
    parts.pill.hidden = !state.dismissed || count === 0
    if (this.#isOpen() !== dialog.open) {
      if (dialog.open) dialog.close()
      else if (this.isConnected) dialog.showModal()
    }
    if (dialog.open) this.#focus(fresh || (before.dismissed && !state.dismissed), opened)
    clearTimeout(this.#timer)
    if (shown === null && count === 0) return
    const pace = shown !== null && shown.expiresAt - now < 120_000 ? 1_000 : REDRAW_MS
    this.#timer = setTimeout(() => this.#send({ type: 'ticked' }), Math.min(pace, nextChangeAt(state, now) - now))
  }

  /** The heading first, so nothing under the fingers acts; Deny as soon as a decision can be made. */
  #focus(fresh: boolean, opened: boolean): void {
    const { heading, deny } = this.#parts
    const active = (): Element | null | undefined => this.shadowRoot?.activeElement
    if (fresh || !active()?.matches(':enabled, .body')) heading.focus()
    if (opened && active() === heading) deny.focus()
  }
}
