/** Short words for driving a runtime in tests: boot, ask, look, decide. */
import type { ReceiptView, Snapshot } from '../../src/protocol/views.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { createRuntime, type Runtime } from '../../sw/runtime/runtime.ts'
import type { World } from './memory-ports.ts'

export const boot = (world: World, actions: Actions): Runtime =>
  createRuntime(world.ports, { boot: world.ports.random.hex(8), actions, directories: {}, origin: 'http://localhost', isBuiltOn: true })

const context = (runtime: Runtime) => ({ gate: runtime.gate.view() })

export const ask = async (runtime: Runtime, action: string, params: unknown, key: unknown, extra: object = {}): Promise<ReceiptView> => {
  await runtime.prepare()
  const answer = await runtime.commands.execute({ action, params, key, ...extra }, context(runtime))
  if (!answer.ok) throw new Error(answer.error.code)
  return (answer.value as { receipt: ReceiptView }).receipt
}

export const look = async (runtime: Runtime, key: string): Promise<ReceiptView | null> => {
  const answer = await runtime.commands.lookup({ key }, context(runtime))
  return answer.ok ? (answer.value as ReceiptView | null) : null
}

export const decide = async (runtime: Runtime, key: string, verdict: 'approve' | 'deny'): Promise<void> => {
  const { id, digest } = (await look(runtime, key)) as ReceiptView
  await runtime.commands.decide({ id, digest, verdict }, context(runtime))
}

export const snapshot = async (runtime: Runtime): Promise<Snapshot> => {
  const answer = await runtime.commands.snapshot({}, context(runtime))
  if (!answer.ok) throw new Error(answer.error.code)
  return answer.value as Snapshot
}

/** Starts a worker and lets it drain. */
export const wake = async (runtime: Runtime): Promise<boolean> => {
  await runtime.prepare()
  return runtime.pump.drain({ isNetworkBack: true })
}

export const signIn = (runtime: Runtime, user: string) => runtime.commands.signIn({ email: user, password: 'x' }, context(runtime))
