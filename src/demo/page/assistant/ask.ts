import type { JsonObject } from '../../../base/json.ts'

/** A call that the assistant wants to make. */
export type Ask = {
  readonly action: string
  readonly params: JsonObject
  /** The sentence that made it want this. */
  readonly because: string
}
