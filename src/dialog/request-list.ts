import type { ApprovalView } from '../protocol/views.ts'
import { gist } from './approval-details.ts'
import { ARMING_MS, READ_AGAIN } from './controller.ts'
import { fieldList } from './fields.ts'
import { h } from './h.ts'
import { said } from './said.ts'
import { isOverlaid, topLayer } from './obstacles.ts'
import { toldPhrase } from './phrases.ts'
import { readingMs } from './reading.ts'
import { watchEnds } from './watch-ends.ts'

export type RequestListDep = {
  readonly host: Element
  /** What waits now. The list stays as it was opened: only what was on view can be approved from it. */
  readonly approvals: readonly ApprovalView[]
  pick(id: string): void
  /** Approves one exact call; resolves with what went wrong, in words. */
  approve(approval: ApprovalView): Promise<string | null>
}

const STYLES = `.list h2{margin:0 0 8px}
.list h3{margin-top:20px}
.list article{margin-top:12px;padding:14px 16px;border:1px solid var(--line);border-radius:12px;& .fields{margin:8px 0}& [role=status]{font-weight:600}& [role=status]:empty{display:none}}
.row{display:flex;align-items:center;gap:12px;& h4{flex:1;font-size:17px}& button{min-height:36px;padding:0 14px}}
.group > p{margin-top:12px;color:var(--muted)}
.group > button{width:100%;margin-top:8px}
.list .foot button{padding:0 20px}`

type Row = { readonly approval: ApprovalView; readonly element: HTMLElement; readonly outcome: HTMLElement }

const grouped = (approvals: readonly ApprovalView[]): readonly (readonly ApprovalView[])[] => {
  const groups = new Map<string, ApprovalView[]>()
  for (const one of approvals) {
    const name = JSON.stringify([one.agent, one.action])
    groups.set(name, [...(groups.get(name) ?? []), one])
  }
  return [...groups.values()]
}

/**
 * All that waits, in full, to choose from. Requests of one agent for one action may be approved together once each was seen to its
 * end, and each is still decided by its own digest; what asks for a passkey is decided alone.
 */
export const openRequestList = ({ host, approvals, pick, approve }: RequestListDep): void => {
  const root = host.shadowRoot as ShadowRoot
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLES)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  const opened = Date.now()
  const below = new Set(topLayer())
  const alert = h('p', { role: 'alert' })
  const close = h('button', { type: 'button' }, 'Back')
  const body = h(
    'div',
    { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'All requests' },
    h('h2', { id: 'all' }, `${approvals.length} requests wait for you`),
  )
  const dialog = h('dialog', { class: 'list', 'aria-labelledby': 'all' }, body, h('div', { class: 'foot' }, alert, close))
  const stops: (() => void)[] = []

  const row = (approval: ApprovalView): Row => {
    const outcome = h('p', { role: 'status' })
    const open = h('button', { type: 'button', 'aria-label': `Open: ${approval.title}` }, 'Open')
    open.onclick = () => {
      dialog.close()
      pick(approval.id)
    }
    const element = h(
      'article',
      {},
      h('div', { class: 'row' }, h('h4', {}, said(approval.title, true)), open),
      h('p', {}, ...gist(approval)),
      fieldList(approval),
      outcome,
    )
    return { approval, element, outcome }
  }

  const together = (rows: readonly Row[]): HTMLElement[] => {
    const open = rows.filter(({ approval }) => approval.verify === undefined)
    if (open.length < 2) return []
    const button = h('button', { type: 'button', class: 'approve' }, `Approve these ${open.length}`)
    let seen = false
    let warned = false
    const draw = (): void => {
      button.disabled = !seen || Date.now() < opened + ARMING_MS
    }
    draw()
    const marks = open.flatMap(({ element }) => [...element.querySelectorAll('.end')])
    const timer = setTimeout(draw, ARMING_MS + 10)
    const ends = watchEnds(body, marks, (unseen) => {
      seen = unseen === 0
      draw()
    })
    stops.push(ends.stop, () => clearTimeout(timer))
    button.onclick = async (event) => {
      if (!event.isTrusted || document.hidden || window.top !== window || isOverlaid(host, dialog, below) || button.disabled) return
      if (!warned && Date.now() - opened < readingMs(...open.map(({ approval }) => approval))) {
        warned = true
        alert.textContent = READ_AGAIN
        return
      }
      alert.textContent = ''
      button.disabled = true
      for (const { approval, outcome } of open)
        outcome.textContent = (await approve(approval)) ?? toldPhrase({ verdict: 'approve', words: approval.words })
      close.focus()
    }
    const rule = `You can approve ${open.length === rows.length ? 'these' : 'those without a passkey'} together once you have read all of them. Each is still decided by its own digest.`
    return [h('p', {}, rule), button]
  }

  for (const group of grouped(approvals)) {
    const rows = group.map(row)
    const [first] = group
    const name = h(
      'h3',
      {},
      first === undefined || first.agent === null ? 'You' : said(first.agent, true),
      ` · ${first?.action ?? ''} · ${group.length}`,
    )
    body.append(
      h(
        'div',
        { class: group.some(({ lane }) => lane === 'RED') ? 'group RED' : 'group' },
        name,
        ...rows.map(({ element }) => element),
        ...together(rows),
      ),
    )
  }
  close.onclick = () => dialog.close()
  dialog.onclose = () => {
    for (const stop of stops) stop()
    dialog.remove()
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((one) => one !== sheet)
  }
  // Enter on a button that was not reached on purpose decides nothing.
  dialog.onkeydown = (event) => {
    if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault()
  }
  root.append(dialog)
  dialog.showModal()
  close.focus()
}
