import * as LIMITS from './limits.ts'
import * as v from './schema.ts'

/** Who said something. `untrusted` is what a stranger could have written. */
export const SOURCE_KINDS = ['user', 'app', 'directory', 'untrusted'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export const SourceSchema = v.strictObject({
  id: v.pipe(v.string(), v.maxLength(LIMITS.keyCharsMax)),
  kind: v.picklist(SOURCE_KINDS),
  text: v.pipe(v.string(), v.maxLength(LIMITS.sourceCharsMax)),
  by: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.keyCharsMax))),
})

/** One text an intent was made from. What a page declares may only lower trust. */
export type Source = v.InferOutput<typeof SourceSchema>

export const SourcesSchema = v.pipe(v.array(SourceSchema), v.maxLength(LIMITS.sourcesMax))
