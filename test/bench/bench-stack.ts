import { testStack, type TestStack } from '../db/support/test-stack.ts'

const running = new Set<TestStack>()

/** A local server's stack that a broken-off run can still take down. */
export const openStack = async (): Promise<TestStack> => {
  const stack = await testStack()
  running.add(stack)
  return {
    ...stack,
    remove: async () => {
      running.delete(stack)
      await stack.remove()
    },
  }
}

/** Takes down what is still running. */
export const removeStacks = async (): Promise<void> => {
  await Promise.allSettled([...running].map((stack) => stack.remove()))
}
