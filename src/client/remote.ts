import * as Comlink from 'comlink'
import { answerOf } from '../protocol/answers.ts'
import type { CommandArgs, CommandName } from '../protocol/commands.ts'
import type { Answer } from '../protocol/messages.ts'
import * as v from '../protocol/schema.ts'
import { failed } from './failed.ts'

/** Calls a command and parses its answer; what does not fit is a failure, never a value. */
export type Remote = {
  <N extends CommandName, T = unknown>(name: N, args: CommandArgs<N>): Promise<Answer<T>>
  /** A kit's command: whoever calls it parses what it answers. */
  <T = unknown>(name: string, args: unknown): Promise<Answer<T>>
}

const RefusalSchema = v.looseObject({ ok: v.literal(false), error: v.looseObject({ code: v.string(), retry: v.string(), message: v.string() }) })

export function createRemote(endpoint: Comlink.Endpoint): Remote {
  const proxy = Comlink.wrap(endpoint) as unknown as Record<string, (args: unknown) => Promise<unknown>>
  return async <T>(name: string, args: unknown): Promise<Answer<T>> => {
    try {
      const answer = await proxy[name]?.(args)
      const fits = v.is(RefusalSchema, answer) || v.is(v.looseObject({ ok: v.literal(true), value: answerOf(name)?.result ?? v.unknown() }), answer)
      return fits ? (answer as Answer<T>) : { ok: false, error: failed('WORKER_FAULT', 'later', `${name}: the worker's answer has another shape`) }
    } catch {
      // Only reading what was given can fail here: a getter that throws is not JSON.
      return { ok: false, error: failed('PARAMS_NOT_JSON', 'never', 'this cannot be sent to the worker: it is not plain data') }
    }
  }
}
