/** Randomness, for ids, nonces and jitter. */
export interface Random {
  /** `count` unpredictable bytes as hex. */
  hex(count: number): string
  /** Uniform in [0, 1). */
  unit(): number
}

export type RandomDep = { readonly random: Random }
