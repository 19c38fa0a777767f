/** One thing the demo's back end really did, as PostgreSQL tells it. */
export type Effect = {
  readonly idempotency_key: string
  readonly action: string
  readonly params: Readonly<Record<string, unknown>>
  readonly applied_at: string
}

/** What the back end did, oldest first; with a key, only that key's. */
export const effectsOf = async (origin: string, key?: string): Promise<readonly Effect[]> => {
  const answer = await fetch(`${origin}/api/demo/effects`, { signal: AbortSignal.timeout(5_000) })
  if (!answer.ok) throw new Error(`/api/demo/effects answered ${answer.status}`)
  const effects = (await answer.json()) as readonly Effect[]
  return key === undefined ? effects : effects.filter((effect) => effect.idempotency_key === key)
}
