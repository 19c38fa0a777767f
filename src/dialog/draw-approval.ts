import type { ApprovalView } from '../protocol/views.ts'
import { approvalDetails, gist } from './approval-details.ts'
import { DETAIL_STYLES } from './detail-styles.ts'
import type { DialogState } from './controller.ts'
import type { DialogParts } from './dialog-parts.ts'
import { h, write } from './h.ts'
import { handOver } from './hand-over.ts'
import { said, scrutiny } from './said.ts'
import { isOverlaid, topLayer, watchVeil } from './obstacles.ts'
import { alertPhrase, statusPhrase, timeLeft, toldPhrase } from './phrases.ts'
import { readOn, watchEnds } from './watch-ends.ts'

/** An approval on view. */
export type Drawn = {
  /** Whether something of the page lies over the dialog now. */
  isOverlaid(): boolean
  /** What changes with time and state: how long is left, and what a person should know beside the call. */
  tell(state: DialogState, now: number): void
  stop(): void
}

/** What is learnt about the approval on view. */
export type Watcher = {
  /** How many of its values have not been in view to their end. */
  unseen(count: number): void
  /** Something lies over the dialog, also what lets clicks through. */
  veiled(is: boolean): void
}

/** How long texts wait for their scrutiny; then they are shown by their numbers until it is there. Milliseconds. */
const SCRUTINY_MS = 3_000

const sheet = new CSSStyleSheet()
sheet.replaceSync(DETAIL_STYLES)

/** Draws one approval into the dialog, a pure function of the view, and watches how it is seen. */
const drawApproval = (host: Element, parts: DialogParts, approval: ApprovalView, watcher: Watcher): Drawn => {
  const expiry = h('span', {})
  const { dialog, lane, heading, gist: line, body, details } = parts
  const root = host.shadowRoot as ShadowRoot
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
  dialog.className = lane.textContent = approval.lane
  heading.replaceChildren(said(approval.title, true))
  line.replaceChildren(...gist(approval))
  details.replaceChildren(...approvalDetails(approval, expiry))
  body.scrollTop = 0
  const ends = watchEnds(body, details.querySelectorAll('.end'), watcher.unseen)
  const unveil = watchVeil(dialog, watcher.veiled)
  const below = new Set(topLayer())
  parts.more.onclick = () => {
    const end = ends.first()
    if (end !== undefined) readOn(body, end)
  }
  return {
    isOverlaid: () => isOverlaid(host, dialog, below),
    tell: (state, now) => {
      write(expiry, timeLeft(approval.expiresAt - now))
      write(parts.alert, alertPhrase(state))
      write(parts.status, statusPhrase(state, now))
      write(parts.told, parts.dialog.open ? '' : toldPhrase(state.told))
    },
    stop: () => {
      ends.stop()
      unveil()
    },
  }
}

export type DialogPart = { readonly drawApproval: typeof drawApproval; readonly handOver: typeof handOver }

/** What the dialog needs as soon as something waits, once texts can be spelled out. */
export const ready = async (): Promise<DialogPart> => {
  await Promise.race([scrutiny(), new Promise((done) => setTimeout(done, SCRUTINY_MS))])
  return { drawApproval, handOver }
}
