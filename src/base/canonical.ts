import type { Json } from './json.ts'

/**
 * Canonical JSON text (RFC 8785): keys sorted by UTF-16 code units, no white space, ECMAScript number and string forms.
 * Two equal values have the same bytes everywhere, which is what an approval and a fingerprint name.
 */
export function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`
  const object = value as { readonly [name: string]: Json }
  const members = Object.keys(object)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(object[name] ?? null)}`)
  return `{${members.join(',')}}`
}
