import type { Actions } from '../../sw/ports/action.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { createWorld, type World } from './memory-ports.ts'
import { withServer, type MemoryServer } from './memory-server.ts'
import { boot, signIn } from './runtime-driver.ts'

/** A fresh device of one person, before a server of its own. */
export const signedIn = async (actions: Actions): Promise<{ readonly world: World; readonly server: MemoryServer; readonly runtime: Runtime }> => {
  const world = createWorld()
  const server = withServer(world)
  const runtime = boot(world, actions)
  await runtime.prepare()
  await signIn(runtime, 'anna')
  return { world, server, runtime }
}
