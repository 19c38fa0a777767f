import type { Json, JsonObject } from '../../src/base/json.ts'
import type { StandardSchema } from '../../src/protocol/standard-schema.ts'
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
 * With `answer` (any Standard Schema), success is only a body that fits it: a proxy's polite `{"ok":true}` is then no receipt.
 */
export const http = (options: {
  readonly method?: string
  readonly url: string
  readonly keyed?: boolean
  readonly answer?: StandardSchema
}): HttpEffectDeclaration => ({
  kind: 'http',
  method: options.method ?? 'POST',
  url: options.url,
  keyed: options.keyed ?? true,
  ...(options.answer === undefined ? {} : { answer: options.answer }),
})

/** An effect that needs an open page, under the name the page registered. At most once. */
export const page = (name: string): PageEffect => ({ kind: 'page', name })
