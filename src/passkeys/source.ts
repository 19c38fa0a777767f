import type { Maestro } from '../client/api.ts'

/** The part of MAESTRO's client that passkeys need. */
export type PasskeySource = Pick<Maestro, 'command' | 'snapshot'>

/** What the worker says of the person's passkeys: `rp` is the host that they are for, `passkeys` their ids (base64url). */
export type PasskeyInfo = { readonly rp: string; readonly tenant: string; readonly user: string; readonly passkeys: readonly string[] }
