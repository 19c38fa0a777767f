import type { Json, JsonObject } from '../../src/base/json.ts'

export type HttpCall = {
  readonly method: string
  readonly url: string
  readonly key: string
  readonly params: JsonObject
  readonly token: string | null
  /** Shows a back end that believes nobody what was approved. */
  readonly proof?: string | undefined
}

/**
 * What came back, classified by status and typed body only, never by message text (law 11).
 * `unreadable`: not the JSON that was due. `lost`: no answer; the effect may or may not have happened.
 */
export type HttpOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Json; readonly waitMs?: number }
  | { readonly kind: 'unreadable'; readonly status: number; readonly waitMs?: number }
  | { readonly kind: 'lost' }

/** Several attempts in one request, each under its own key. */
export type HttpBatch = {
  readonly url: string
  readonly items: readonly { readonly key: string; readonly params: JsonObject; readonly proof?: string | undefined }[]
  readonly token: string | null
}

/** One outcome for each key that was answered readably and once; or what became of the request as a whole. */
export type HttpBatchOutcome = { readonly kind: 'answers'; readonly byKey: ReadonlyMap<string, HttpOutcome> } | HttpOutcome

/** Sends one attempt with its idempotency key (law 5). Does not retry, follow redirects or interpret. */
export interface HttpEffect {
  send(call: HttpCall): Promise<HttpOutcome>
  /** An answer for a key that was not asked about is dropped; a key that was answered twice, differently, has no readable answer. */
  sendBatch(batch: HttpBatch): Promise<HttpBatchOutcome>
}

export type HttpEffectDep = { readonly http: HttpEffect }
