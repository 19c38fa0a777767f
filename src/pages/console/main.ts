import { h } from '../../demo/page/dom/h.ts'
import { alarmBar } from './alarm-bar.ts'
import { read } from './api.ts'
import { auditSection } from './audit-section.ts'
import { gateSection } from './gate-section.ts'
import { measuresSection } from './measures-section.ts'
import type { Picture } from './picture.ts'
import './style.css'
import { workSection } from './work-section.ts'

const LOOK_EVERY_MS = 2_000
/** One letter each; never while somebody types. */
const PLACES: Readonly<Record<string, string>> = { g: 'gate', m: 'measures', w: 'work', a: 'audit' }

const alarm = h('section', { id: 'alarm', 'aria-label': 'Now' })
const sections = [gateSection(() => void look()), measuresSection(), workSection(), auditSection()]

async function look(): Promise<void> {
  const told = await read<Picture>('/api/now')
  if (!told.ok) {
    alarm.replaceChildren(h('div', { class: 'alarm bad' }, h('p', { class: 'verdict', role: 'status' }, h('span', { class: 'lamp' }), told.message)))
    return
  }
  alarm.replaceChildren(alarmBar(told.value, Date.now()))
  for (const section of sections) section.show(told.value)
}

const goTo = (id: string): void => {
  const heading = document.querySelector<HTMLElement>(`#${id} h2`)
  heading?.setAttribute('tabindex', '-1')
  heading?.focus()
  heading?.scrollIntoView({ block: 'start' })
}

document.addEventListener('keydown', (event) => {
  const isTyping = (event.target as HTMLElement | null)?.matches('input, select, textarea')
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 's') document.querySelector<HTMLElement>('#stop-reason')?.focus()
  else if (Object.hasOwn(PLACES, event.key)) goTo(PLACES[event.key] ?? '')
  else return
  event.preventDefault()
})

document
  .querySelector('#app')
  ?.replaceChildren(
    h(
      'header',
      {},
      h('h1', {}, 'MAESTRO console'),
      h(
        'p',
        { class: 'keys' },
        h('kbd', {}, 's'),
        ' stop  ',
        h('kbd', {}, 'g'),
        ' gate  ',
        h('kbd', {}, 'm'),
        ' measures  ',
        h('kbd', {}, 'w'),
        ' work  ',
        h('kbd', {}, 'a'),
        ' audit',
      ),
    ),
    alarm,
    h('main', {}, ...sections.map(({ element }) => element)),
  )

for (;;) {
  await look()
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}
