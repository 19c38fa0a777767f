import { write } from '../dialog/h.ts'
import type { ReceiptView } from '../protocol/views.ts'
import { arrange } from './arrange.ts'
import type { Group, Trouble } from './arrange.ts'
import type { Desk } from './desk.ts'
import { groupBlock } from './group-block.ts'
import { keepFocus } from './keep-focus.ts'
import { keyedList } from './keyed-list.ts'
import { noticeBlock, noticesOf } from './notices.ts'
import { pager } from './pager.ts'
import type { PanelParts } from './panel-parts.ts'
import { counted } from './phrases.ts'
import type { storageSection } from './storage-section.ts'
import { summaryLine } from './summary-line.ts'
import { travelActs } from './travel-acts.ts'
import { troubleCard } from './trouble-card.ts'
import { waitingRow } from './waiting-row.ts'

/** Times are redrawn this often, ms; every second while something can be undone. */
const REDRAW_MS = 15_000
const COUNTDOWN_MS = 1_000
/** New rows in one frame: few enough that no task is felt, also on a slow phone. */
const ROWS_PER_FRAME = 16

/** Brings the skeleton in line with what the feed holds, each time it is called; answers after how many ms that is necessary again; 0 when a frame was not enough. */
export const drawing = (desk: Desk, parts: PanelParts, storage: ReturnType<typeof storageSection>): (() => number) => {
  const { budget, feed, options, root, say } = desk
  for (const list of [parts.notices, parts.troubleList, parts.groups, parts.recentList]) list.replaceChildren()
  const troubleKey = ({ receipt }: Trouble): string => receipt.key
  const showTroubles = keyedList(parts.troubleList, troubleKey, () => troubleCard(desk), budget)
  const groupKey = ({ reason }: Group): string => reason
  const showGroups = keyedList(parts.groups, groupKey, () => groupBlock(desk), budget)
  const receiptKey = ({ key }: ReceiptView): string => key
  const showRecent = keyedList(parts.recentList, receiptKey, () => waitingRow(desk), budget)
  const showSummary = summaryLine(parts.summary, say)
  const showTravel = travelActs(desk, parts)
  const showPager = pager(parts.pager, feed)
  let noticed = ''

  return () => {
    Object.assign(budget, { left: ROWS_PER_FRAME, short: false })
    const focusBack = keepFocus(root, parts.summary)
    const { state } = feed
    const { snapshot, items, troubled, exported } = state
    const { troubles, groups, recent } = arrange(items, troubled, snapshot?.receipts ?? [])
    const needs = snapshot?.attention ?? 0
    const waiting = Math.max((snapshot?.waiting ?? 0) - exported - troubled.filter(({ status }) => status !== 'dead').length, 0)
    const notices = noticesOf(state, options.signIn)
    const noticing = notices.map(({ text }) => text).join()
    if (noticing !== noticed) parts.notices.replaceChildren(...notices.map(noticeBlock))
    noticed = noticing
    parts.body.hidden = false
    showSummary(waiting, needs)
    showTroubles(troubles)
    const more = needs - troubled.length - exported
    write(parts.troubleMore, more > 0 && troubled.length > 0 ? `and ${counted(more, 'more', 'more')}` : '')
    parts.troubles.hidden = troubles.length + exported === 0
    showGroups(groups)
    parts.waiting.hidden = groups.length === 0
    showPager(waiting + needs)
    showRecent(recent)
    parts.recent.hidden = recent.length === 0
    showTravel(exported, waiting + needs)
    if (snapshot !== null) storage.show(snapshot)
    focusBack()
    if (budget.short) return 0
    return groups.some(({ reason }) => reason === 'undo window') ? COUNTDOWN_MS : REDRAW_MS
  }
}
