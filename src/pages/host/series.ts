import type { Picture } from './watched.ts'

/** One moment of what is drawn over time; `null` where it was not known. */
export type Point = {
  readonly at: number
  readonly healthy: 0 | 1
  readonly ms: number | null
  readonly claims_today: number | null
  readonly claim_failures: number | null
  readonly sync_rate: number | null
  readonly escalations: number | null
  readonly blocked: number | null
  readonly stuck: number | null
}

/** Two hours at one look every ten seconds. */
const POINTS_MAX = 720

const field = (value: unknown, ...path: readonly string[]): number | null => {
  const found = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], value)
  return typeof found === 'number' ? found : null
}

const pointOf = ({ at, health, signals }: Picture): Point => {
  const said = health.ok ? health.value : null
  const counted = signals.ok ? signals.value : null
  return {
    at,
    healthy: health.ok && (said as { status?: string }).status !== 'unhealthy' ? 1 : 0,
    ms: health.ok ? health.ms : null,
    claims_today: field(said, 'receipt_claims_today'),
    claim_failures: field(counted, 'claims', 'failures'),
    sync_rate: field(said, 'sync_success_rate'),
    escalations: field(counted, 'escalations', 'count'),
    blocked: field(said, 'blocked_operations'),
    stuck: field(counted, 'stuck', 'count'),
  }
}

/** What was seen, oldest first, as far back as it is kept. */
export const createSeries = (): { add(picture: Picture): void; points(): readonly Point[] } => {
  const points: Point[] = []
  return {
    add(picture) {
      points.push(pointOf(picture))
      if (points.length > POINTS_MAX) points.shift()
    },
    points: () => points,
  }
}
