/** Names carry their unit: `p50_ms`, `proxy_gzip_bytes`. */
export type Figures = { readonly [name: string]: number | Figures }

/** One measure of DESIGN.md, section 18: what was seen, what must be, and whether it was. */
export type Measure = { readonly ours: Figures; readonly peers: Figures; readonly must: string; readonly met: boolean }

export type MeasureName = 'P1' | 'P2' | 'P4' | 'P5'
