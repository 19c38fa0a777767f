import type { Maestro } from '../client/api.ts'
import type { ApprovalView, Snapshot } from '../protocol/views.ts'
import { SOON_MS, canDecide, identity, initialState, nextChangeAt, positionOf, reduce } from './controller.ts'
import type { DialogEvent, DialogState, Verdict } from './controller.ts'
import { dialogParts } from './dialog-parts.ts'
import type { DialogParts } from './dialog-parts.ts'
import type { DialogPart, Drawn } from './draw-approval.ts'
import { write } from './h.ts'

/** The part of MAESTRO's client that the dialog needs. */
export type ApprovalSource = Pick<Maestro, 'snapshot' | 'subscribe' | 'decide'>

export type ApprovalOptions = {
  /** Asks the person for a passkey and gives the evidence for `decide`. Called inside the click, where an approval has `verify`; a rejection approves nothing. */
  readonly verify?: (approval: ApprovalView) => Promise<unknown>
  /** Whether the page can edit such a call: then *Change…* is offered, and dispatches `maestro-change` with the approval as `detail`. */
  readonly editable?: (approval: ApprovalView) => boolean
}

/** Relative expiry is redrawn this often, ms; every second in the last two minutes and while something covers the dialog. */
const REDRAW_MS = 30_000

/**
 * MAN mode's dialog: shows each approval that waits and hands a person's decision to the worker. It decides nothing itself.
 * Its guards (arming, trusted events, hidden, framed, covered) bind only an honest page; a script in the page can call the client directly.
 */
export class MaestroApprovals extends HTMLElement {
  /** May be set before the element is defined. */
  options: ApprovalOptions = Object(Reflect.get(this, 'options'))
  #maestro: ApprovalSource | null = null
  #stop: (() => void) | null = null
  #state: DialogState = initialState(true)
  readonly #parts: DialogParts = dialogParts(this.attachShadow({ mode: 'open' }))
  #timer: ReturnType<typeof setTimeout> | undefined
  /** How approvals are drawn: a file of its own, fetched with the first element. */
  #part: DialogPart | null = null
  #drawn: Drawn | null = null
  /** Identity of what is drawn. */
  #shown: string | null = null
  #veiled = false
  /** Approve was reached by Tab: only then Enter on Approve is a deliberate act. */
  #tabbed = false

  constructor() {
    super()
    const { dialog, approve, deny, pill, previous, next, list, change } = this.#parts
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
    // A disabled button hears nothing, so its place is watched.
    dialog.onpointerdown = ({ clientX: x, clientY: y, isTrusted }) => {
      const { left, right, top, bottom } = approve.getBoundingClientRect()
      if (isTrusted && x > left && x < right && y > top && y < bottom) this.#send({ type: 'hurried' })
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
    list.onclick = () => void this.#list()
    change.onclick = () => {
      const { shown } = this.#state
      this.#send({ type: 'dismissed' })
      this.dispatchEvent(new CustomEvent('maestro-change', { detail: shown, bubbles: true, composed: true }))
    }
  }

  get maestro(): ApprovalSource | null {
    return this.#maestro
  }

  set maestro(maestro: ApprovalSource | null) {
    this.#maestro = maestro
    if (this.isConnected) void this.#listen()
  }

  /** Brings back what was put aside, or one approval by its id; nothing when it does not wait. */
  open(id?: string): void {
    this.#send(id === undefined ? { type: 'reopened' } : { type: 'picked', id })
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
    this.#shown = null
    this.#drawn?.stop()
    this.#parts.dialog.close()
  }

  readonly #onVisibility = (): void => this.#send({ type: 'visibility', visible: !document.hidden })

  async #listen(): Promise<void> {
    const maestro = this.#maestro
    this.#stop?.()
    this.#stop = null
    this.#part ??= await import('./draw-approval.ts').then((part) => part.ready()).catch(() => null)
    if (!this.isConnected || maestro !== this.#maestro || this.#stop !== null) return
    this.#stop = maestro?.subscribe((snapshot) => this.#take(snapshot)) ?? null
    this.#take(maestro?.snapshot ?? null)
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
    const { shown, busy } = this.#state
    if (!event.isTrusted || document.hidden || window.top !== window || this.#veiled || this.#drawn?.isOverlaid() !== false) return
    if (shown === null || busy !== null) return
    this.#send({ type: 'chosen', verdict })
    if (this.#state.busy !== verdict) return
    this.#send({ type: 'answered', error: await this.#handOver(shown, verdict) })
  }

  async #handOver(approval: ApprovalView, verdict: Verdict): Promise<string | null> {
    const maestro = this.#maestro
    return maestro === null || this.#part === null ? '' : this.#part.handOver(maestro, this.options.verify, approval, verdict)
  }

  async #list(): Promise<void> {
    const part = await import('./request-list.ts').catch(() => null)
    part?.openRequestList({
      host: this,
      approvals: this.#state.queue,
      pick: (id) => this.open(id),
      approve: async (approval) => {
        const error = await this.#handOver(approval, 'approve')
        if (error === null) this.#send({ type: 'decided', approval })
        return error
      },
    })
  }

  #isOpen(): boolean {
    return this.#state.shown !== null && !this.#state.dismissed
  }

  #show(shown: ApprovalView): void {
    this.#drawn?.stop()
    this.#shown = identity(shown)
    this.#veiled = false
    const of = this.#shown
    this.#drawn =
      this.#part?.drawApproval(this, this.#parts, shown, {
        unseen: (unseen) => this.#send({ type: 'viewed', identity: of, unseen }),
        veiled: (is) => {
          this.#veiled = is
          this.#send({ type: 'ticked' })
        },
      }) ?? null
    this.#parts.change.hidden = this.options.editable?.(shown) !== true
  }

  #draw(before: DialogState): void {
    const parts = this.#parts
    const { dialog, approve, deny } = parts
    const fresh = this.#state.shown !== null && identity(this.#state.shown) !== this.#shown
    if (fresh && this.#state.shown !== null) this.#show(this.#state.shown)
    if (this.#state.shown === null) this.#shown = null
    if (this.#isOpen() !== dialog.open) {
      if (dialog.open) dialog.close()
      else if (this.isConnected) dialog.showModal()
    }
    const now = Date.now()
    const covered = dialog.open && (this.#veiled || this.#drawn?.isOverlaid() !== false)
    const state = (this.#state = reduce(this.#state, { type: 'cover', covered }, now))
    const { shown } = state
    const count = state.queue.length
    const framed = window.top !== window
    const wasOpen = !deny.disabled
    deny.disabled = framed || !canDecide(state, now, 'deny')
    approve.disabled = framed || !canDecide(state, now, 'approve')
    parts.showPlace(positionOf(state), count, state.busy !== null || state.gone !== null)
    parts.more.hidden = state.unseen === null || state.unseen === 0 || state.gone !== null
    if (this.#drawn === null) write(parts.alert, shown === null ? '' : 'What is asked could not be loaded. Reload the page to decide.')
    this.#drawn?.tell(state, now)
    parts.showPill(count, state.dismissed)
    if (dialog.open) this.#focus(fresh || (before.dismissed && !state.dismissed), !wasOpen && !deny.disabled)
    clearTimeout(this.#timer)
    if (shown === null && count === 0 && state.told === null) return
    const pace = covered || (shown !== null && shown.expiresAt - now < SOON_MS) ? 1_000 : REDRAW_MS
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
