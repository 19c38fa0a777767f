import { digestBytes } from '../base/digest.ts'
import { utf8ToBytes } from '../base/bytes.ts'

/** Everything that happened in a world, in order. Its hash is the run's fingerprint: same seed, same hash. */
export type Trace = {
  /** `note` is for readers only and does not enter the hash: texts that must decide nothing (law 11). */
  add(line: string, note?: string): void
  hash(): string
  lines(): readonly string[]
}

export function createTrace(now: () => number): Trace {
  const hashed: string[] = []
  const shown: string[] = []
  return {
    add(line, note) {
      const text = `${now()} ${line}`
      hashed.push(text)
      shown.push(note === undefined ? text : `${text} (${note})`)
    },
    hash: () => digestBytes(utf8ToBytes(hashed.join('\n'))),
    lines: () => shown,
  }
}
