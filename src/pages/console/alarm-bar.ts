import { h } from '../../demo/page/dom/h.ts'
import { numberAt, textAt, type Picture } from './picture.ts'
import { ago, STATES } from './words.ts'

type Mood = 'good' | 'warn' | 'bad'

const moodOf = (picture: Picture): readonly [Mood, string] => {
  if (!picture.health.ok) return ['bad', `The server does not answer: ${picture.health.message}`]
  const status = textAt(picture.health, 'status')
  if (status === 'unhealthy') return ['bad', 'The server answers, but its database does not']
  const state = textAt(picture.flag, 'action')
  if (status === 'disabled' || (state !== '' && state !== 'run'))
    return ['warn', `${STATES[state] ?? 'Disabled'} by document ${numberAt(picture.flag, 'version') ?? '–'}`]
  const firing = picture.alerts.filter(({ fires }) => fires)
  if (firing.length > 0) return ['warn', `Running, with ${firing.length} ${firing.length === 1 ? 'alert' : 'alerts'}`]
  return ['good', 'Running, healthy, quiet']
}

/** The one line that is read first, and what fires. */
export const alarmBar = (picture: Picture, now: number): HTMLElement => {
  const [mood, words] = moodOf(picture)
  const firing = picture.alerts.filter(({ fires }) => fires)
  return h(
    'div',
    { class: `alarm ${mood}` },
    h('p', { class: 'verdict', role: 'status' }, h('span', { class: 'lamp', 'aria-hidden': 'true' }), words),
    h('p', { class: 'looked' }, `looked ${ago(picture.at, now)}`),
    firing.length === 0
      ? null
      : h(
          'ul',
          { class: 'firing' },
          ...firing.map(({ id, severity, why, runbook }) =>
            h('li', {}, h('strong', {}, id), ` (${severity}): ${why}. `, h('code', {}, `maestro runbook show ${runbook}`)),
          ),
        ),
  )
}
