import { strideChars, windowChars } from './bounds.ts'

/** A text in overlapping pieces that begin and end between words where there are any. Each piece is scored by itself. */
export function windowsOf(text: string): string[] {
  const whole = text.trim()
  if (whole.length <= windowChars) return [whole]
  const windows: string[] = []
  for (let from = 0; from < whole.length; from += strideChars) {
    const space = from === 0 ? -1 : whole.slice(from, from + 24).search(/\s/)
    const start = from + (space < 0 ? 0 : space + 1)
    windows.push(whole.slice(start, start + windowChars).trim())
    if (start + windowChars >= whole.length) break
  }
  return windows
}
