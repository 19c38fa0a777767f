import type { AccountView, MemoryItem } from '../../../memory/index.ts'
import type { App } from '../app/app.ts'
import { h } from '../dom/h.ts'
import { memoryAccount } from './memory-account.ts'
import { memoryFacts } from './memory-facts.ts'
import { addForm, forgetForm, searchForm } from './memory-forms.ts'
import { memoryTiers } from './memory-tiers.ts'
import type { RoomSection } from './section.ts'

/** What a change here takes to reach the server, ms; then its marks are read again. */
const SYNCED_MS = 2_000

/** What the assistant and its person remember: three tiers, where they lie, and the key that opens them elsewhere. */
export const memorySection = (app: App): RoomSection => {
  const { tiers } = app.memory
  const facts = h('dl', { class: 'facts' })
  const state = h('p', { class: 'hint' })
  let open = false
  let again = false
  /** Whether the account is to be asked for, which takes a request: nothing that only changes what is kept does. */
  let isAsked = true
  let account: AccountView | null = null
  let running: Promise<void> | null = null

  const read = async (): Promise<void> => {
    const status = await tiers.init()
    const items = status.ok ? await lists.refresh() : status
    await search.refresh()
    const isDue = isAsked
    isAsked = false
    if (isDue) account = await key.refresh()
    state.textContent = items.ok ? '' : `The memory cannot be read now: ${items.error.message}.`
    facts.replaceChildren(...(status.ok && items.ok ? memoryFacts({ status: status.value, account, items: items.value }) : []))
    if (!items.ok) lists.clear()
  }
  // One reading at a time; what changed meanwhile is read once more.
  const refresh = (): void => {
    again = true
    running ??= (async () => {
      while (again) {
        again = false
        await read().catch(() => (state.textContent = 'The memory cannot be read now.'))
      }
      running = null
    })()
  }
  const changed = (): void => {
    refresh()
    setTimeout(refresh, SYNCED_MS)
  }
  const ask = (): void => {
    isAsked = true
    changed()
  }
  const forget = async ({ tier, key: name }: MemoryItem, text: string): Promise<void> => {
    const gone = await tiers.evict(tier, [name], { confirmed: true })
    app.announce(gone.ok ? `Forgotten: ${text}` : `Not forgotten: ${gone.error.message}`)
    title.focus()
    changed()
  }
  const sync = async (): Promise<void> => {
    const done = await tiers.sync()
    app.announce(!done.ok ? `Not synchronised: ${done.error.message}` : done.value.complete ? 'Synchronised' : 'Not everything is synchronised yet')
    state.textContent = done.ok ? '' : `Not synchronised: ${done.error.message}.`
    if (done.ok) refresh()
  }
  const title = h('h2', { tabindex: '-1' }, 'What is remembered')
  const lists = memoryTiers(app, (item, text) => void forget(item, text))
  const search = searchForm(app, (item, text) => void forget(item, text))
  const key = memoryAccount(app, ask)
  app.memory.watch(() => open && refresh())
  // What one person remembers is not left standing for the next.
  let person: string | undefined
  app.live.watch(({ principal }) => {
    const changes = person !== principal?.user
    person = principal?.user
    if (open && changes) ask()
  })
  return {
    id: 'memory',
    title: 'Memory',
    enter: () => {
      open = true
      ask()
    },
    element: h(
      'div',
      {},
      title,
      h('p', { class: 'hint' }, 'The assistant notes what it does. You may add what it should know, and take anything away.'),
      facts,
      h('div', { class: 'row' }, h('button', { type: 'button', class: 'button small', onclick: () => void sync() }, 'Synchronise now')),
      state,
      search.element,
      lists.element,
      addForm(app, changed),
      key.element,
      forgetForm(app, changed),
    ),
  }
}
