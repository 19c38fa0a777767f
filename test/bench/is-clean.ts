import type { Figures } from './figures.ts'

/**
 * The figures in which ours must have nothing; the keyless far end is allowed the one effect that happened. What the browser repeats by itself on a
 * reused connection is shown beside them, and is nobody's here to prevent.
 */
export const isClean = (ours: Figures): boolean =>
  Object.entries(ours).every(([name, value]) => name.endsWith('reused_connection') || value === (name.startsWith('effects_per') ? 1 : 0))
