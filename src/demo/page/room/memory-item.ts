import type { MemoryItem } from '../../../memory/index.ts'
import { h } from '../dom/h.ts'
import { formatTime } from '../parts/format-time.ts'
import type { Forget } from './memory-list.ts'

const textOf = ({ value }: MemoryItem): string => (typeof value === 'string' ? value : JSON.stringify(value))

const facts = (item: MemoryItem): string => {
  const ends = item.expires === undefined ? '' : ` · ends ${formatTime(item.expires)}`
  const where = item.tier === 't3' ? '' : item.synced ? ' · also on the server, sealed' : ' · only on this device'
  return `${formatTime(item.at)}${ends}${where}`
}

/** One thing remembered: what, since when and until when, where else it is; and the way to be rid of it. */
export const memoryItem = (item: MemoryItem, forget: Forget): HTMLElement => {
  const text = textOf(item)
  const others = item.others?.length ?? 0
  return h(
    'li',
    { class: 'memory-item' },
    h(
      'div',
      {},
      h('p', { class: 'memory-text' }, text),
      h(
        'p',
        { class: 'receipt-by' },
        facts(item),
        others === 0 ? null : ` · ${others} other ${others === 1 ? 'value' : 'values'} from another device`,
      ),
    ),
    h('button', { type: 'button', class: 'button small', 'aria-label': `Forget: ${text}`, onclick: () => forget(item, text) }, 'Forget'),
  )
}
