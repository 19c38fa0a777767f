import type { AccountHandles, Unlockers } from '../../protocol/account.ts'

/** What a page asks of the unlock document. */
export type UnlockAsk =
  | { readonly what: 'create' }
  | { readonly what: 'unlock'; readonly unlockers: Unlockers }
  /** A new passphrase, or a new recovery code, for whoever has one of the old secrets. */
  | { readonly what: 'passphrase' | 'recovery-code'; readonly unlockers: Unlockers }

/** The one message a page sends, with a port for the answers. */
export type UnlockCall = { readonly type: 'maestro:unlock'; readonly ask: UnlockAsk }

export type UnlockAnswer =
  | { readonly type: 'done'; readonly handles: AccountHandles }
  | { readonly type: 'cancelled' }
  /** Its content's height, CSS px, so that the page can make room. */
  | { readonly type: 'height'; readonly px: number }
