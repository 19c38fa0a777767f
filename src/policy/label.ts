/** Who stands behind a value, best first. A value made of several is as good as the worst of them. */
export const INTEGRITY = ['user', 'app', 'directory', 'derived', 'untrusted'] as const
export type Integrity = (typeof INTEGRITY)[number]

/** Where in which text a value stands: characters of the folded text. */
export type Span = { readonly source: string; readonly by: string; readonly from: number; readonly to: number; readonly quote?: string }

export type Label = {
  readonly integrity: Integrity
  readonly confidentiality: 'open' | 'secret'
  readonly spans: readonly Span[]
}

const rank = (integrity: Integrity): number => INTEGRITY.indexOf(integrity)

/** What two values become when one is made of both. Commutative, associative, and never better than either. */
export const joined = (one: Label, other: Label): Label => ({
  integrity: rank(one.integrity) >= rank(other.integrity) ? one.integrity : other.integrity,
  confidentiality: one.confidentiality === 'secret' || other.confidentiality === 'secret' ? 'secret' : 'open',
  spans: [
    ...one.spans,
    ...other.spans.filter((span) => !one.spans.some((has) => has.source === span.source && has.from === span.from && has.to === span.to)),
  ],
})
