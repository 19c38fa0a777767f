import { afterAll, beforeAll } from 'vitest'
import { START_MS, testStack } from './test-stack.ts'
import type { TestStack } from './test-stack.ts'

type At = {
  /** The stack of this file; there while its tests run. */
  stack: TestStack
  /** A token of `principal-1` in the tenant `demo`. */
  token: string
}

/** One stack for all tests of a file, started before the first and removed after the last. */
export const fileStack = (): At => {
  const at: Partial<At> = {}
  beforeAll(async () => {
    at.stack = await testStack()
    at.token = await at.stack.token()
  }, START_MS)
  afterAll(() => at.stack?.remove(), START_MS)
  return at as At
}
