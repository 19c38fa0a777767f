import type { Json, JsonObject } from '../../src/base/json.ts'

export type HttpCall = {
  readonly method: string
  readonly url: string
  readonly key: string
  readonly params: JsonObject
  readonly token: string | null
}

/**
 * What came back, classified by status and typed body only, never by message text (law 11).
 * `lost`: no answer; the effect may or may not have happened. `unsent`: nothing can have left.
 */
export type HttpOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Json; readonly waitMs?: number }
  | { readonly kind: 'unreadable'; readonly status: number; readonly waitMs?: number }
  | { readonly kind: 'lost' }

/** Sends one attempt with its idempotency key (law 5). Does not retry, follow redirects or interpret. */
export interface HttpEffect {
  send(call: HttpCall): Promise<HttpOutcome>
}

export type HttpEffectDep = { readonly http: HttpEffect }
