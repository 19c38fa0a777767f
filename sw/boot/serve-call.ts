/**
 * One call from a page: the guarded end of Comlink's wire.
 *
 * Comlink's own `expose` lets whoever holds a port walk any property path of what was exposed (`constructor.constructor` runs
 * code), and makes a proxy machinery for what is one call. So its messages are parsed here as what they are, data: APPLY with
 * one segment, in the command table, with raw arguments; there is no path to walk and nothing else is understood. The page's
 * side is Comlink itself.
 */
import { failure } from '../../src/protocol/failure.ts'
import { COMMANDS, isCommand } from '../../src/protocol/commands.ts'
import * as v from '../../src/protocol/schema.ts'
import type { CallContext } from '../runtime/commands.ts'
import type { KitCommand } from '../runtime/kit.ts'
import type { Runtime } from '../runtime/runtime.ts'

const id = v.pipe(v.string(), v.maxLength(128))

const CallSchema = v.looseObject({
  id,
  type: v.literal('APPLY'),
  path: v.strictTuple([v.string()]),
  argumentList: v.pipe(v.array(v.strictObject({ type: v.literal('RAW'), value: v.unknown() })), v.maxLength(1)),
})

const IdSchema = v.looseObject({ id })

const refused = (...[code, message]: Parameters<typeof failure>): unknown => ({ ok: false, error: failure(code, message) })

/** Resolves when the answer has been given to `reply`; what cannot be answered (no id) is dropped. Never rejects. */
export async function serveCall(message: unknown, context: CallContext, runtime: Served, reply: (message: unknown) => Promise<void>): Promise<void> {
  const known = v.safeParse(IdSchema, message)
  if (!known.success) return
  await reply({ id: known.output.id, type: 'RAW', value: await valueOf(message, context, runtime) })
}

type Served = Pick<Runtime, 'commands' | 'kits'>

/** From the core's table, or a kit's; never what every object has. */
function commandOf({ commands, kits }: Served, name: string): KitCommand | undefined {
  if (isCommand(name)) return { args: COMMANDS[name], run: commands[name] as KitCommand['run'] }
  return Object.hasOwn(kits, name) ? kits[name] : undefined
}

async function valueOf(message: unknown, context: CallContext, runtime: Served): Promise<unknown> {
  const call = v.safeParse(CallSchema, message)
  if (!call.success) {
    const [name, ...more] = [(message as { path?: unknown }).path].flat()
    const isKnown = more.length === 0 && typeof name === 'string' && commandOf(runtime, name)
    return isKnown ? refused('COMMAND_INVALID', 'this is not how a command is called') : refused('COMMAND_UNKNOWN', 'there is no such command')
  }
  const { path, argumentList } = call.output
  const name = path[0]
  const command = commandOf(runtime, name)
  if (!command) return refused('COMMAND_UNKNOWN', 'there is no such command')
  const args = v.safeParse(command.args, argumentList[0]?.value ?? {})
  if (!args.success) return refused('COMMAND_INVALID', `${name}: ${args.issues[0].message}`)
  try {
    return await command.run(args.output, context)
  } catch (error) {
    return refused('WORKER_FAULT', `${name} failed in the worker (${error instanceof Error ? error.name : 'Error'})`)
  }
}
