/**
 * One call from a page, answered through Comlink behind a guard.
 *
 * Comlink lets whoever holds a port walk any property path of what was exposed (`constructor.constructor` runs code), so
 * nothing reaches it here but APPLY with one segment, in the command table, with raw arguments. Each call gets an endpoint
 * of its own that lives as long as the call: there is no registry to leak, and a restarted worker needs no reconnect.
 */
import * as Comlink from 'comlink'
import { failure } from '../../src/protocol/failure.ts'
import { COMMANDS, isCommand, type CommandName } from '../../src/protocol/commands.ts'
import * as v from '../../src/protocol/schema.ts'
import type { CallContext, Commands } from '../runtime/commands.ts'

const CallSchema = v.looseObject({
  id: v.pipe(v.string(), v.maxLength(128)),
  type: v.literal('APPLY'),
  path: v.tuple([v.custom<CommandName>(isCommand)]),
  argumentList: v.pipe(v.array(v.strictObject({ type: v.literal('RAW'), value: v.unknown() })), v.maxLength(1)),
})

const IdSchema = v.looseObject({ id: v.pipe(v.string(), v.maxLength(128)) })

/** Resolves when the answer has been given to `reply`; what cannot be answered (no id) is dropped. Never rejects. */
export async function serveCall(message: unknown, context: CallContext, commands: Commands, reply: (message: unknown) => void): Promise<void> {
  const call = v.safeParse(CallSchema, message)
  if (!call.success) return refuse(message, reply)
  const name = call.output.path[0]
  const api: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  api[name] = async (argument: unknown) => {
    const args = v.safeParse(COMMANDS[name], argument ?? {})
    if (!args.success) return { ok: false, error: failure('COMMAND_INVALID', `${name}: ${args.issues[0].message}`) }
    try {
      return await commands[name](args.output as never, context)
    } catch (error) {
      return { ok: false, error: failure('WORKER_FAULT', `${name} failed in the worker (${error instanceof Error ? error.name : 'Error'})`) }
    }
  }
  await new Promise<void>((resolve) => {
    const endpoint: Comlink.Endpoint = {
      postMessage(answer) {
        reply(answer)
        resolve()
      },
      addEventListener: (_type, listener) => {
        const event = { data: { ...call.output, argumentList: [...call.output.argumentList] }, origin: '' } as unknown as MessageEvent
        if (typeof listener === 'function') listener(event)
        else listener.handleEvent(event)
      },
      removeEventListener: () => undefined,
    }
    Comlink.expose(api, endpoint)
  })
}

function refuse(message: unknown, reply: (message: unknown) => void): void {
  const known = v.safeParse(IdSchema, message)
  if (!known.success) return
  const path = (message as { path?: unknown }).path
  const isKnown = Array.isArray(path) && path.length === 1 && isCommand(path[0])
  const error = isKnown ? failure('COMMAND_INVALID', 'this is not how a command is called') : failure('COMMAND_UNKNOWN', 'there is no such command')
  reply({ id: known.output.id, type: 'RAW', value: { ok: false, error } })
}
