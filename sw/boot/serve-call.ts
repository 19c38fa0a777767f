/**
 * One call from a page: the guarded end of Comlink's wire.
 *
 * Comlink's own `expose` lets whoever holds a port walk any property path of what was exposed (`constructor.constructor` runs
 * code), and makes a proxy machinery for what is one call. So its messages are parsed here as what they are, data: APPLY with
 * one segment, in the command table, with raw arguments; there is no path to walk and nothing else is understood. The page's
 * side is Comlink itself.
 */
import { own } from '../../src/base/own.ts'
import { err } from '../../src/base/result.ts'
import { failure } from '../../src/protocol/failure.ts'
import { COMMANDS, isCommand } from '../../src/protocol/commands.ts'
import * as v from '../../src/protocol/schema.ts'
import { PROTOCOL } from '../../src/protocol/version.ts'
import { isOff } from '../core/gate-state.ts'
import type { CallContext } from '../runtime/commands.ts'
import type { KitCommand } from '../runtime/kit.ts'
import type { Runtime } from '../runtime/runtime.ts'

const ID_CHARS_MAX = 128

const CallSchema = v.object({
  type: v.literal('APPLY'),
  argumentList: v.pipe(v.array(v.strictObject({ type: v.literal('RAW'), value: v.unknown() })), v.maxLength(1)),
})

const refused = (...why: Parameters<typeof failure>): unknown => err(failure(...why))

/** Resolves when the answer has been given to `reply`; what cannot be answered (no id) is dropped. Never rejects. */
export async function serveCall(
  message: unknown,
  protocol: unknown,
  context: CallContext,
  runtime: Served,
  reply: (message: unknown) => void,
): Promise<void> {
  const { id, path } = Object(message) as { readonly id?: unknown; readonly path?: unknown }
  if (typeof id !== 'string' || id.length > ID_CHARS_MAX) return
  const name = Array.isArray(path) && path.length === 1 ? path[0] : undefined
  const value =
    protocol === PROTOCOL
      ? await valueOf(name, message, context, runtime)
      : refused('PROTOCOL_MISMATCH', `this page speaks protocol ${String(protocol)}, the worker ${PROTOCOL}: reload`)
  reply({ id, type: 'RAW', value })
}

type Served = Pick<Runtime, 'commands' | 'kits' | 'prepare'>

/** From the core's table, or a kit's; never what every object has. */
function commandOf({ commands, kits }: Served, name: string): KitCommand | undefined {
  if (isCommand(name)) return { args: COMMANDS[name], run: commands[name] as KitCommand['run'] }
  return own(kits, name)
}

/** What a build answers that must not run: health and the flag, and what has happened already (law 7). */
const SAFE = /^(hello|snapshot|execute|pageEffect|health|refreshGate|kill\..+)$/

/** What a stop comes with, or is lifted by, waits for no key, disk or kit. */
const AT_ONCE = /^(hello|refreshGate|kill\.offer)$/

async function valueOf(name: unknown, message: unknown, context: CallContext, runtime: Served): Promise<unknown> {
  const command = typeof name === 'string' && commandOf(runtime, name)
  if (!command) return refused('COMMAND_UNKNOWN', 'there is no such command')
  const call = v.safeParse(CallSchema, message)
  if (!call.success) return refused('COMMAND_INVALID', 'this is not how a command is called')
  // While off, kits do nothing but what stops or lets run again.
  if (isOff(context.gate) && !SAFE.test(name) && (context.gate.state === 'safe-worker' || !isCommand(name)))
    return refused('DISABLED', 'MAESTRO is off')
  const args = v.safeParse(command.args, call.output.argumentList[0]?.value ?? {})
  if (!args.success) return refused('COMMAND_INVALID', `${name}: ${args.issues[0].message}`)
  try {
    if (!AT_ONCE.test(name) && context.gate.cause !== 'window') await runtime.prepare()
    return await command.run(args.output, context)
  } catch (error) {
    return refused('WORKER_FAULT', `${name} failed in the worker (${error instanceof Error ? error.name : 'Error'})`)
  }
}
