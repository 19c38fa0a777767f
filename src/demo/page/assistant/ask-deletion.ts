import type { Ask } from './ask.ts'
import type { Reading } from './reading.ts'
import { toldTo } from './told-to.ts'

const VERBS = /\b(?:delete|remove|erase|throw away)\b/i

/** "Delete f3 and f7", by id or by the file's name. One call for each file. */
export const askDeletion = (sentence: string, { files }: Reading): readonly Ask[] => {
  const told = toldTo(sentence, VERBS)
  if (told === null) return []
  const named = files.filter(({ name }) => told.toLowerCase().includes(name.toLowerCase())).map(({ id }) => id)
  const ids = [...told.matchAll(/\bf[1-9]\b/g)].map((match) => match[0])
  return [...new Set([...ids, ...named])].map((id) => ({ action: 'file.delete', params: { id }, because: sentence }))
}
