/** Stateless and the same everywhere, so pure code may use it; one for all, because making one costs more than using it. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> }
const encoder = new TextEncoder()

export const utf8ToBytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** Whether a text is at most so many bytes as UTF-8. A UTF-16 unit takes three at most: only what could be too large is encoded. */
export const isWithinBytes = (text: string, bytesMax: number): boolean => text.length * 3 <= bytesMax || utf8ToBytes(text).length <= bytesMax

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const bytesToHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The bytes of hex that this code wrote itself. */
export const hexToBytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** base64url without padding (RFC 4648 section 5); pure, so that every floor may use it. */
export function bytesToBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] ?? 0, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0]
    const bits = (a << 16) | (b << 8) | c
    const chars = Math.min(4, bytes.length - i + 1)
    for (let k = 0; k < chars; k++) text += ALPHABET[(bits >> (18 - 6 * k)) & 63]
  }
  return text
}

/** The bytes of strict base64url text, or `null` when it is not that. */
export function base64UrlToBytes(text: string): Uint8Array | null {
  if (text.length % 4 === 1 || /[^A-Za-z0-9_-]/.test(text)) return null
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let count = 0
  let at = 0
  for (const char of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(char)) & 0xffffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[at++] = (bits >> count) & 255
    }
  }
  return bytes
}

declare const TextDecoder: new (label: string, options: { fatal: boolean; ignoreBOM: boolean }) => { decode(bytes: Uint8Array): string }

/** The text of UTF-8 bytes, a leading BOM included, or `null` when they are not that. */
export function bytesToUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
