import type { Maestro } from '../../../client/api.ts'

/** The connected client, with the cause that switched MAESTRO off, if any. */
export type Connected = Maestro & { readonly off: string | null }

declare global {
  interface Window {
    /** Set once the client is connected, signed in and controlled by our worker. */
    maestro?: Connected
  }
}
