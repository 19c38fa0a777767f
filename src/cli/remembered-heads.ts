import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { ServerEntry } from './audit-file.ts'
import { writeWhole } from './write-whole.ts'

const FileSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.object({ seq: v.number(), hash: v.string() })))

type Head = { readonly seq: number; readonly hash: string }
type Chain = { readonly head: Head | null; readonly entries: readonly ServerEntry[] }

/**
 * Compares a chain with the last one that was verified from here, by server and tenant: history may grow, and its beginning may be truncated by its owner; it may
 * not end earlier or say something else at the place that was seen. Gives what is wrong, or null and remembers the new head.
 */
export const compareWithRemembered = async (file: string, name: string, { head, entries }: Chain): Promise<string | null> => {
  const parsed = v.safeParse(FileSchema, await readFile(file, 'utf8').catch(() => '{}'))
  const heads = parsed.success ? parsed.output : {}
  const before = Object.hasOwn(heads, name) ? heads[name] : undefined
  if (before !== undefined) {
    if ((head?.seq ?? 0) < before.seq)
      return `history was rolled back: entry ${before.seq} was seen from here, and the chain now ends at ${head?.seq ?? 0}`
    const there = entries.find(({ seq }) => seq === before.seq)
    if (there !== undefined && there.hash !== before.hash) return `history was rewritten: entry ${before.seq} is not the one that was seen from here`
  }
  if (head !== null) await writeWhole(file, `${JSON.stringify({ ...heads, [name]: { seq: head.seq, hash: head.hash } })}\n`)
  return null
}
