import type { Json, JsonObject } from '../base/json.ts'

/** Something that a session has seen: the output of a governed action, or a text that a page says the agent has read. */
export type Seen = {
  readonly id: string
  /** Who wrote it, for a person: an address, or the action's title. */
  readonly by: string
  /** `untrusted` when a stranger could have written any part of it. Absent: untrusted. */
  readonly trust?: 'trusted' | 'untrusted'
  readonly text: string
  /** The same as the app structured it, where the structure is the app's. Names and ids in it are the app's own, whoever wrote the text in them. */
  readonly value?: Json
  /** What was asked to get it. */
  readonly args?: JsonObject
  /** What must not leave: a call that would pass one of these on asks. `true`: all of it. */
  readonly secrets?: readonly string[] | true
}

/** A call that this session has asked for before, and what was said of it. */
export type Past = { readonly action: string; readonly rules: readonly string[] }

/** Everything policy may know of one agent's work for one person. */
export type Session = {
  /** The user's own words to this agent. */
  readonly said: readonly string[]
  readonly seen: readonly Seen[]
  readonly past: readonly Past[]
  /** Members of the app's own directories: exact, case-insensitive. */
  readonly directories?: Readonly<Record<string, readonly string[]>>
  /** Values that the user vouched for: "this account is Anna's". */
  readonly endorsed?: readonly { readonly value: string; readonly as: string }[]
}

export const isUntrusted = ({ trust }: Seen): boolean => trust !== 'trusted'

/** A session is tainted once a stranger's words have entered it; it stays so. */
export const isTainted = ({ seen }: Session): boolean => seen.some(isUntrusted)
