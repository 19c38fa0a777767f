import { digestBytes } from '../../src/base/digest.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { FAULT_KINDS } from '../../src/testing/generate.ts'
import type { Break } from '../../src/testing/world.ts'

/** What one schedule came to: small enough to be sent from a thread by the thousand. */
export type Result = {
  readonly seed: number
  readonly breaks: readonly Break[]
  readonly effects: number
  readonly killed: number
  readonly faults: readonly (readonly [string, number])[]
  readonly hash: string
}

/** The counts of a run. `trace_hash` is over all schedules in order of their seeds, so the number of threads is not in it. */
export function summarise(results: readonly Result[], seconds: number): Record<string, unknown> {
  const count = { lost: 0, repeated: 0, stuck: 0, law_breaks: 0 }
  // What was never met is told as zero, not left out.
  const faults: Record<string, number> = Object.fromEntries(
    Object.entries(FAULT_KINDS).flatMap(([site, kinds]) => kinds.map((kind) => [`${site} ${kind}`, 0])),
  )
  const ordered = results.toSorted((a, b) => a.seed - b.seed)
  for (const { breaks, faults: met } of ordered) {
    for (const { law } of breaks) count[typeof law === 'number' ? 'law_breaks' : law] += 1
    for (const [kind, times] of met) faults[kind] = (faults[kind] ?? 0) + times
  }
  return {
    schedules: ordered.length,
    ...count,
    effects: ordered.reduce((sum, { effects }) => sum + effects, 0),
    awaits_killed: ordered.reduce((sum, { killed }) => sum + killed, 0),
    faults: Object.fromEntries(Object.entries(faults).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    schedules_per_s: Math.round((ordered.length / Math.max(seconds, 0.001)) * 10) / 10,
    trace_hash: digestBytes(utf8ToBytes(ordered.map(({ hash }) => hash).join(''))),
  }
}
