import * as Comlink from 'comlink'
import { ANSWERS } from '../protocol/answers.ts'
import type { CommandArgs, CommandName } from '../protocol/commands.ts'
import { failure, FailureSchema } from '../protocol/failure.ts'
import type { Answer } from '../protocol/messages.ts'
import * as v from '../protocol/schema.ts'

/** Calls a command and parses its answer; what does not fit is a failure, never a value. */
export type Remote = <N extends CommandName, T = unknown>(name: N, args: CommandArgs<N>) => Promise<Answer<T>>

const AnswerSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), error: FailureSchema }),
])

export function createRemote(endpoint: Comlink.Endpoint): Remote {
  const proxy = Comlink.wrap(endpoint) as unknown as Record<string, (args: unknown) => Promise<unknown>>
  return async <N extends CommandName, T>(name: N, args: CommandArgs<N>): Promise<Answer<T>> => {
    try {
      const answer = v.safeParse(AnswerSchema, await proxy[name]?.(args))
      if (!answer.success) return { ok: false, error: failure('WORKER_FAULT', `${name}: the worker's answer was malformed`) }
      if (!answer.output.ok) return answer.output
      return v.is(ANSWERS[name].result, answer.output.value)
        ? { ok: true, value: answer.output.value as T }
        : { ok: false, error: failure('WORKER_FAULT', `${name}: the worker's answer has another shape`) }
    } catch {
      // Only cloning can fail here: functions, DOM nodes and the like are not JSON.
      return { ok: false, error: failure('PARAMS_NOT_JSON', 'this cannot be sent to the worker: it is not plain data') }
    }
  }
}
