/** Somebody the reader can write to by name. */
export type Person = { readonly name: string; readonly email: string }
