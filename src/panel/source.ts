import type { JsonObject } from '../base/json.ts'
import type { Handle, Maestro } from '../client/api.ts'

/** The part of MAESTRO's client that the panel and the sign-out guard need. */
export interface OutboxSource extends Pick<Maestro, 'snapshot' | 'subscribe' | 'outbox' | 'retry' | 'discard' | 'export' | 'import'> {
  edit(key: string, params: JsonObject, options?: { readonly key?: string }): Promise<Pick<Handle, 'status' | 'failure'>>
  handle(key: string): Promise<Pick<Handle, 'cancel'> | null>
}
