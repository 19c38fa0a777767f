import type { Json, JsonObject } from '../../src/base/json.ts'
import type { HttpEffectDeclaration, LocalEffect, PageEffect } from '../ports/action.ts'

/**
 * An effect inside the worker's own store: `run` is pure and synchronous, and its result commits with the receipt. Exactly once.
 *
 * @example local((params) => ({ noted: params.text }))
 */
export const local = (run: (params: JsonObject) => Json): LocalEffect => ({ kind: 'local', run })

/**
 * A request: JSON parameters as the body, the idempotency key percent-encoded in `Idempotency-Key`, the session's token in
 * `Authorization`. Success is a 2xx with a JSON body. Exactly once where the back end keeps the key with the effect; say
 * `keyed: false` where it does not, and a lost answer becomes the visible state `unknown` instead of a second request.
 * (A browser may itself repeat a request whose reused connection died before the first byte of an answer; only a back end that
 * keeps keys is proof against that.)
 *
 * A back end that echoes `Idempotency-Key` in its answer is held to it: another key there is no answer to this request.
 *
 * - `answer` (any Standard Schema): success is only a body that fits it; a proxy's polite `{"ok":true}` is then no receipt.
 * - `batch`: many due receipts in one request to its `url`: `[{ key, params }]`, at most `max` (≤ 500) of them, answered by
 *   `[{ key, status, body, retry_after_s? }]` in any order. Keyed back ends only.
 * - `keptForMs`: how long the back end remembers a key; an older attempt asks the ledger or a person instead of repeating.
 *
 * @example http({ url: '/api/email', batch: { url: '/api/emails', max: 100 } })
 */
export const http = (
  options: Pick<HttpEffectDeclaration, 'url' | 'answer' | 'batch' | 'keptForMs'> & Partial<Pick<HttpEffectDeclaration, 'method' | 'keyed'>>,
): HttpEffectDeclaration => ({ method: 'POST', keyed: true, ...options, kind: 'http' })

/** An effect that needs an open page, under the name the page registered. At most once. */
export const page = (name: string): PageEffect => ({ kind: 'page', name })
