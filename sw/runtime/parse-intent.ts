/** From what a page sent to an intent, with a failure of its own for every way to be wrong. A refusal here spends no key. */
import { actionOf } from '../core/action-of.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { isWithinBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { toJson } from '../../src/base/to-json.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { KeySchema } from '../../src/protocol/idempotency-key.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { SourcesSchema } from '../../src/protocol/source.ts'
import { issueField } from '../../src/protocol/standard-schema.ts'
import type { Intent } from '../core/admit.ts'
import type { ActionDeclaration, Actions } from '../ports/action.ts'

export type Asked = {
  readonly action: string
  readonly params: unknown
  readonly key: unknown
  readonly sources?: unknown
  readonly reason?: string | undefined
  readonly confidence?: number | undefined
  readonly replaces?: string | undefined
}

export type ParsedIntent = { readonly intent: Intent; readonly declared: ActionDeclaration }

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

function parseParams(value: unknown): Result<JsonObject, Failure> {
  const json = toJson(value, LIMITS.paramsDepthMax)
  if (!json.ok) return err(failure('PARAMS_NOT_JSON', `not plain JSON (${json.error.why})`, json.error.path))
  if (!isObject(json.value)) return err(failure('PARAMS_NOT_JSON', 'parameters must be an object'))
  // As long as the canonical form, which only orders the names.
  if (isWithinBytes(JSON.stringify(json.value), LIMITS.paramsBytesMax)) return ok(json.value)
  return err(failure('PARAMS_TOO_LARGE', `parameters are at most ${LIMITS.paramsBytesMax} bytes`))
}

export async function parseIntent(asked: Asked, agent: string | null, actions: Actions): Promise<Result<ParsedIntent, Failure>> {
  const key = v.safeParse(KeySchema, asked.key)
  if (!key.success) return err(failure('KEY_INVALID', `a key is 1 to ${LIMITS.keyCharsMax} characters of text`, 'key'))
  const declared = actionOf(actions, asked.action)
  if (!declared) return err(failure('ACTION_UNKNOWN', 'this action is not on the allowlist', 'action'))
  const given = parseParams(asked.params)
  if (!given.ok) return given
  const checked = await declared.params['~standard'].validate(given.value)
  if (checked.issues) {
    const issue = checked.issues[0]
    return err(failure('PARAMS_INVALID', issue?.message ?? 'parameters do not fit the schema', issue ? issueField(issue) : ''))
  }
  const params = parseParams(checked.value)
  if (!params.ok) return params
  const sources = v.safeParse(SourcesSchema, asked.sources ?? [])
  if (!sources.success) return err(failure('SOURCES_INVALID', 'sources are a list of { id, kind, text, by? }', 'sources'))
  const intent: Intent = {
    action: asked.action,
    params: params.value,
    key: key.output,
    agent,
    sources: sources.output,
    reason: asked.reason ?? null,
    confidence: asked.confidence,
  }
  return ok({ intent, declared })
}
