import type { GuardModel } from '../../../src/guard/model.ts'
import type { Weights } from './fit.ts'

/** Mean of several fits: what only one of them learnt by its order of texts fades. */
export const meanOf = (fits: readonly Weights[]): Weights => ({
  bias: fits.reduce((sum, { bias }) => sum + bias, 0) / fits.length,
  table: Float32Array.from(fits[0]?.table ?? [], (_, i) => fits.reduce((sum, { table }) => sum + (table[i] ?? 0), 0) / fits.length),
})

/** Weights as signed bytes. The few largest are cut, so that the many small ones keep their differences. */
export function quantise({ table, bias }: Weights, threshold: number, certain: number): GuardModel {
  const sizes = Float32Array.from(table, Math.abs).sort()
  const largest = Math.max(1e-6, sizes[Math.floor(sizes.length * 0.9995)] ?? 0)
  const scale = Math.fround(largest / 127)
  const weights = Int8Array.from(table, (weight) => Math.max(-127, Math.min(127, Math.round(weight / scale))))
  return { weights, scale, bias: Math.fround(bias), threshold: Math.fround(threshold), certain: Math.fround(certain) }
}
