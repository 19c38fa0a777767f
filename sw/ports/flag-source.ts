/**
 * Fetches what operators say, past every cache. `undefined` means unreachable or not JSON: no word, which is not the word "run".
 * Today's remote document is plain JSON over TLS; a signed one arrives through the same two methods.
 */
export interface FlagSource {
  /** `/maestro-flag.json`, the static form that a build leaves behind. */
  fetchStatic(): Promise<unknown>
  /** The kill document of `maestro-flag`, as parsed JSON within `LIMITS.killDocumentBytesMax`. */
  fetchDocument(): Promise<unknown>
}

export type FlagSourceDep = { readonly flags: FlagSource }
