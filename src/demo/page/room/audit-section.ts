import type { AuditEntryView } from '../../../protocol/views.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { formatClock } from '../parts/format-time.ts'
import type { RoomSection } from './section.ts'

const SHOWN = 40
const short = (hex: string): string => (hex === '' ? 'none' : `${hex.slice(0, 8)}…`)

const block = (entry: AuditEntryView): HTMLElement =>
  h(
    'li',
    { class: 'block' },
    h('span', { class: 'block-seq' }, `#${entry.seq}`),
    h('span', { class: 'block-kind' }, entry.kind),
    h('span', { class: 'block-at' }, formatClock(entry.at)),
    h('span', { class: 'block-hashes' }, 'receipt ', h('code', {}, short(entry.receipt)), ' hash ', h('code', {}, short(entry.hash))),
  )

/** The audit chain as linked blocks, newest first, and the button that recomputes it. */
export const auditSection = (app: App): RoomSection => {
  const chain = h('ol', { class: 'chain', 'aria-label': 'Audit entries, newest first' })
  const verdict = h('p', { class: 'verdict' })
  let open = false
  let asked = 0
  const load = async (): Promise<void> => {
    asked += 1
    const mine = asked
    const entries = await app.client.audit({ limit: SHOWN })
    if (mine !== asked) return
    chain.replaceChildren(...entries.toSorted((left, right) => right.seq - left.seq).map(block))
  }
  const reload = (): void => void load().catch(() => chain.replaceChildren(h('li', { class: 'empty' }, 'The chain cannot be read now.')))
  const verify = async (): Promise<void> => {
    verdict.dataset['intact'] = ''
    verdict.textContent = 'Checking every entry …'
    const report = await app.client.verifyAudit().catch(() => null)
    verdict.dataset['intact'] = String(report?.intact ?? false)
    verdict.textContent =
      report === null
        ? 'The chain cannot be checked now.'
        : report.intact
          ? `Intact: ${report.entries} entries, head ${short(report.head)}`
          : `Broken at entry ${report.brokenAt ?? '?'}: ${report.why ?? 'the hashes do not link'}`
    app.announce(verdict.textContent)
  }
  app.live.watch(() => open && reload())
  return {
    id: 'audit',
    title: 'Audit',
    enter: () => {
      open = true
      reload()
    },
    element: h(
      'div',
      {},
      h('p', { class: 'hint' }, 'Every decision is an entry that carries the hash of the one before it. Changing one breaks all that follow.'),
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'button', onclick: () => void verify() }, 'Verify')),
      verdict,
      chain,
    ),
  }
}
