import type { Source } from '../protocol/source.ts'
import type { FieldView } from '../protocol/views.ts'

type Origin = Pick<FieldView, 'origin' | 'saidBy' | 'quote'>

const TRUST: readonly Source['kind'][] = ['user', 'directory', 'app', 'untrusted']

const sentenceAround = (text: string, at: number): string => {
  const from = Math.max(text.lastIndexOf('. ', at) + 1, text.lastIndexOf('\n', at) + 1, 0)
  const ends = [text.indexOf('. ', at), text.indexOf('\n', at)].filter((end) => end >= 0)
  return text
    .slice(from, ends.length > 0 ? Math.min(...ends) + 1 : text.length)
    .trim()
    .slice(0, 240)
}

/**
 * Who said a value: the most trusted source that contains it. A user's own intent is the user's word; what no source of an
 * agent's intent contains, the agent made up. Used to inform a person, so an untrusted origin brings its sentence along.
 */
export function originOf(value: string, agent: string | null, sources: readonly Source[]): Origin {
  if (agent === null) return { origin: 'user' }
  const wanted = value.trim().toLowerCase()
  if (wanted !== '') {
    for (const kind of TRUST) {
      const source = sources.find((item) => item.kind === kind && item.text.toLowerCase().includes(wanted))
      if (!source) continue
      const said = { origin: kind, saidBy: source.by ?? source.id }
      return kind === 'untrusted' ? { ...said, quote: sentenceAround(source.text, source.text.toLowerCase().indexOf(wanted)) } : said
    }
  }
  return { origin: 'agent' }
}
