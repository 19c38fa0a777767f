/** What the console's host tells, as far as the page reads it; everything may be missing, because the watched server may be half dead. */
export type Part =
  | { readonly ok: true; readonly value: Record<string, unknown>; readonly ms: number }
  | { readonly ok: false; readonly code: string; readonly message: string }

export type Alert = { readonly id: string; readonly severity: string; readonly fires: boolean; readonly why: string; readonly runbook: string }

export type Point = { readonly at: number } & Readonly<Record<string, number | null>>

export type Picture = {
  readonly at: number
  readonly health: Part
  readonly flag: Part
  readonly state: Part
  readonly signals: Part
  readonly coverage: Part
  readonly devices: Part
  readonly alerts: readonly Alert[]
  readonly points: readonly Point[]
}

/** A field of an answer by its path, whatever it is. */
export const at = (part: Part, ...path: readonly string[]): unknown =>
  part.ok ? path.reduce<unknown>((found, name) => (found as Record<string, unknown> | null | undefined)?.[name], part.value) : undefined

export const numberAt = (part: Part, ...path: readonly string[]): number | null => {
  const found = at(part, ...path)
  return typeof found === 'number' ? found : null
}

export const textAt = (part: Part, ...path: readonly string[]): string => {
  const found = at(part, ...path)
  return typeof found === 'string' ? found : ''
}

export const listAt = (part: Part, ...path: readonly string[]): readonly Record<string, unknown>[] => {
  const found = at(part, ...path)
  return Array.isArray(found) ? (found as Record<string, unknown>[]) : []
}
