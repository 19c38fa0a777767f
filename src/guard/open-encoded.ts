import { base64UrlToBytes } from '../base/bytes.ts'

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  zwnj: '',
  zwj: '',
  shy: '',
  lbrack: '[',
  colon: ':',
  num: '#',
}

const char = (code: number): string => (code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ')

/** `&lt;`, `&#105;`, `&#x69;` and the few names that matter; twice, because pages escape what was escaped. */
export function openEntities(text: string): string {
  const once = (value: string): string =>
    value.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));/g, (all, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return char(Number(decimal))
      if (hex !== undefined) return char(Number.parseInt(hex, 16))
      return NAMED[name ?? ''] ?? all
    })
  return text.includes('&') ? once(once(text)) : text
}

/** UTF-8 of `%`-codes; `null` when it is none. */
const fromPercent = (codes: string): string | null => {
  try {
    return decodeURIComponent(codes)
  } catch {
    return null
  }
}

/** `%69%67`, `\u0069`, `\x69`: two or more in a row, so that a lone `%20` of a link or `100%` stays what it is. */
export function openEscapes(text: string): string {
  return text
    .replace(/(?:%[0-9a-fA-F]{2}[a-zA-Z]{0,12}){3,400}/g, (run) => fromPercent(run) ?? run)
    .replace(/(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}){2,400}/g, (run) =>
      run.replace(/\\[ux]([0-9a-fA-F]+)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )
}

const isReadable = (text: string): boolean => {
  const good = text.replace(/[^\p{L}\p{M}\p{Zs}\n.,;:!?'"()-]/gu, '').length
  return text.length >= 8 && good >= text.length * 0.85 && /\p{L}{2}/u.test(text)
}

/** Readable passages hidden in base64 (either alphabet, with or without padding); keys, hashes and pictures are no text and stay closed. */
export function openBase64(text: string, max: number): string[] {
  const found: string[] = []
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,8192}/g)) {
    if (found.length >= max) break
    const clean = run.replaceAll('+', '-').replaceAll('/', '_')
    const bytes = base64UrlToBytes(clean.length % 4 === 1 ? clean.slice(0, -1) : clean)
    if (bytes === null) continue
    const passage = fromPercent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''))
    if (passage !== null && isReadable(passage)) found.push(passage)
  }
  return found
}
