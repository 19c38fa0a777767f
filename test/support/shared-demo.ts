import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { SHARED_DATA, SHARED_ORIGIN } from './shared-demo-names.ts'
import { startDemo } from './start-demo.ts'
import type { Demo } from './start-demo.ts'

/** What a test may do with a server that others use at the same time: it is never stopped or flipped. */
export type SharedDemo = Pick<Demo, 'origin' | 'data' | 'adminToken'>

/** The server of the whole run; a file that runs without the global set-up starts its own. Call it at the top of a test file, use the answer inside tests. */
export const sharedDemo = (): (() => SharedDemo) => {
  const origin = process.env[SHARED_ORIGIN]
  const data = process.env[SHARED_DATA]
  if (origin === undefined || data === undefined) return ownDemo()
  const demo: SharedDemo = { origin, data, adminToken: async () => (await readFile(join(data, 'admin.token'), 'utf8')).trim() }
  return () => demo
}

/** A server of this file's own: for tests that stop it, flip its flag or deploy it disabled. */
export const ownDemo = (environment: Readonly<Record<string, string>> = {}): (() => Demo) => {
  let demo: Demo | undefined
  beforeAll(async () => {
    demo = await startDemo(environment)
  }, 200_000)
  afterAll(() => demo?.remove(), 30_000)
  return () => {
    if (demo === undefined) throw new Error('the demo is used before it has started')
    return demo
  }
}
