/** The product's version: what health answers and the package carries; a fitness test holds the two together. */
export const VERSION = '1.0.0'

/**
 * The page–worker protocol's number. A page of another number is told `PROTOCOL_MISMATCH` and asked to reload.
 *
 * History: 1 — first release.
 */
export const PROTOCOL = 1
