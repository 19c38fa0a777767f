/** Nearest-rank percentile (`part` in 0…1) of the samples; throws on none, because a figure of nothing is no figure. */
export const percentile = (samples: readonly number[], part: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('a percentile needs samples')
  return value
}

/** How many times `peer` ours is; both in the same unit. Throws where the peer took no time. */
export const ratio = (ours: number, peer: number): number => {
  if (!(peer > 0)) throw new RangeError('a ratio needs a peer that took time')
  return ours / peer
}

/** Two digits behind the point: what a ratio or a millisecond is worth on a shared machine. */
export const rounded = (value: number): number => Math.round(value * 100) / 100
