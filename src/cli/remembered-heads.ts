import { own } from '../base/own.ts'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { ServerEntry } from './audit-file.ts'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import { writeWhole } from './write-whole.ts'

const FileSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.check((json) => !Array.isArray(json)),
  v.record(v.string(), v.object({ seq: v.number(), hash: v.string() })),
)

type Head = { readonly seq: number; readonly hash: string }
type Chain = { readonly head: Head | null; readonly entries: readonly ServerEntry[] }

/** What was verified from here before: nothing where there is no file yet. What cannot be read is not nothing: then a rewritten chain would pass. */
const read = async (file: string): Promise<Readonly<Record<string, Head>>> => {
  const damaged = (why: string): Fault =>
    new Fault(
      EXIT.red,
      'HEADS_DAMAGED',
      `${file} ${why}, so nobody can tell whether history was rewritten since it was last verified from here. ` +
        'Restore it from a backup; remove it only if you mean to trust what the server says now.',
    )
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') return '{}'
    throw damaged(`cannot be read (${code})`)
  })
  const parsed = v.safeParse(FileSchema, text)
  if (!parsed.success) throw damaged('is damaged')
  return parsed.output
}

/**
 * Compares a chain with the last one that was verified from here, by server and tenant: history may grow, and its beginning may be truncated by its owner; it may
 * not end earlier or say something else at the place that was seen. Gives what is wrong, or null and remembers the new head. Throws a `Fault` when
 * what was seen before cannot be read.
 */
export const compareWithRemembered = async (file: string, name: string, { head, entries }: Chain): Promise<string | null> => {
  const heads = await read(file)
  const before = own(heads, name)
  if (before !== undefined) {
    if ((head?.seq ?? 0) < before.seq)
      return `history was rolled back: entry ${before.seq} was seen from here, and the chain now ends at ${head?.seq ?? 0}`
    const there = entries.find(({ seq }) => seq === before.seq)
    if (there !== undefined && there.hash !== before.hash) return `history was rewritten: entry ${before.seq} is not the one that was seen from here`
  }
  if (head !== null) await writeWhole(file, `${JSON.stringify({ ...heads, [name]: { seq: head.seq, hash: head.hash } })}\n`)
  return null
}
