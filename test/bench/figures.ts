/** Names carry their unit: `p50_ms`, `proxy_gzip_bytes`, `lost_of_12`. */
export type Figures = { readonly [name: string]: number | Figures }

/** One measure of DESIGN.md, section 18 (or the table of faults): what was seen, what must be, and whether it was. */
export type Measure = { readonly ours: Figures; readonly peers: Figures; readonly must: string; readonly met: boolean }

/** In the order in which a run prints them. */
export const MEASURES = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'faults'] as const

export type MeasureName = (typeof MEASURES)[number]

/** What was not measured is absent. */
export type Measures = Readonly<Partial<Record<MeasureName, Measure>>>
