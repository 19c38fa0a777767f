import { h } from '../../demo/page/dom/h.ts'
import { read } from './api.ts'
import { at, type Picture } from './picture.ts'
import { table } from './table.ts'
import { moment } from './words.ts'

type Entry = Readonly<Record<string, unknown>>
type Page = { readonly items: readonly Entry[]; readonly head: { readonly seq: number; readonly hash: string } | null }
type Verdict = {
  readonly intact: boolean | null
  readonly entries: number
  readonly broken_at: number | null
  readonly complete: boolean
  readonly through: number
  readonly hash: string | null
}

/** The audit chain of a tenant, and the server's own check of all of it. */
export const auditSection = (): { readonly element: HTMLElement; show(picture: Picture): void } => {
  const tenant = h('select', { id: 'audit-tenant' })
  const said = h('p', { role: 'status' })
  const entries = h('div', {})

  const tail = async (): Promise<void> => {
    const told = await read<Page>('/api/audit', { tenant: tenant.value, last: '50' })
    if (!told.ok) return entries.replaceChildren(h('p', { class: 'missing' }, `Not to be had now: ${told.message}`))
    const rows = told.value.items
      .toReversed()
      .map((entry) => [
        String(entry['seq'] ?? '–'),
        String(entry['kind'] ?? '–'),
        String(entry['action'] ?? '–'),
        h('code', {}, String(entry['idempotency_key'] ?? '–')),
        moment(entry['created_at']),
        h('code', {}, String(entry['hash'] ?? '').slice(0, 12)),
      ])
    entries.replaceChildren(table('Newest entries', ['No.', 'Kind', 'Action', 'Key', 'At', 'Hash'], rows))
  }
  const verify = async (): Promise<void> => {
    said.textContent = 'Walking the whole chain…'
    // A long chain is walked part by part; each answer says where the next begins.
    let entries = 0
    for (let place: Record<string, string> = {}; ;) {
      const told = await read<Verdict>('/api/audit/verify', { tenant: tenant.value, ...place })
      if (!told.ok) {
        said.textContent = `Not verified: ${told.message}`
        return
      }
      const { intact, broken_at, complete, through, hash } = told.value
      entries += told.value.entries
      if (intact === true) said.textContent = `Intact: ${entries} entries, each naming the one before.`
      else if (intact === null) said.textContent = `${entries} entries are sound so far…`
      else said.textContent = `BROKEN at entry ${broken_at ?? '?'}: its hash does not fit. Keep the database as it is and run “maestro audit export”.`
      if (complete || intact === false) return
      place = { after: String(through), hash: hash ?? '' }
    }
  }

  const element = h(
    'section',
    { id: 'audit', 'aria-labelledby': 'audit-title' },
    h('h2', { id: 'audit-title' }, 'Audit'),
    h(
      'div',
      { class: 'row' },
      h('label', { for: 'audit-tenant' }, 'Tenant'),
      tenant,
      h('button', { type: 'button', onclick: () => void tail() }, 'Newest entries'),
      h('button', { type: 'button', onclick: () => void verify() }, 'Verify the chain'),
    ),
    said,
    entries,
  )
  return {
    element,
    show(picture) {
      const found = at(picture.state, 'tenants')
      const names = Array.isArray(found) ? found.filter((name) => typeof name === 'string') : []
      const shown = [...tenant.options].map(({ value }) => value)
      if (names.join('\n') === shown.join('\n')) return
      const chosen = tenant.value
      tenant.replaceChildren(...names.map((name) => h('option', { value: name }, name)))
      if (names.includes(chosen)) tenant.value = chosen
    },
  }
}
