import type { JsonObject } from '../../base/json.ts'
import * as LIMITS from '../../protocol/limits.ts'
import type { Applied } from './effect-store.ts'

/** What the back end says about one action, alone or in a batch. */
export type DemoAnswer = { readonly status: number; readonly body: JsonObject }

const say = (status: number, code: string, message: string): DemoAnswer => ({ status, body: { code, message } })

export const tooLarge: DemoAnswer = say(413, 'BODY_TOO_LARGE', `At most ${LIMITS.paramsBytesMax} bytes.`)

export const keyInvalid: DemoAnswer = say(400, 'KEY_INVALID', 'The idempotency key is missing or malformed.')

export const paramsInvalid = (field: string): DemoAnswer =>
  say(400, 'PARAMS_INVALID', field === '' ? 'The parameters are not what this action takes.' : `Wrong: ${field}`)

const REFUSALS = {
  'key-reused': say(422, 'KEY_REUSED', 'This key was used for something else.'),
  'file-unknown': say(404, 'FILE_UNKNOWN', 'There is no such file.'),
  'file-gone': say(410, 'FILE_GONE', 'This file is already deleted.'),
} as const

export const appliedAnswer = (applied: Applied): DemoAnswer =>
  'id' in applied
    ? { status: 200, body: { id: applied.id, applied_at: applied.appliedAt, idempotent: applied.outcome === 'repeated' } }
    : REFUSALS[applied.outcome]
