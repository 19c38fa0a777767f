import { SHARED_DATA, SHARED_ORIGIN } from './shared-demo-names.ts'
import { startDemo } from './start-demo.ts'

/** Global set-up of the browser tests: one server for all files that only use it. A server named by the environment is used as it is. */
export default async (): Promise<() => Promise<void>> => {
  if (process.env[SHARED_ORIGIN] !== undefined && process.env[SHARED_DATA] !== undefined) return async () => undefined
  const demo = await startDemo()
  process.env[SHARED_ORIGIN] = demo.origin
  process.env[SHARED_DATA] = demo.data
  return () => demo.remove()
}
