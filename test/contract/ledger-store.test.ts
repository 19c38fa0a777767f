import { expect, test } from 'vitest'
import { emptyDisk, memoryStore } from '../support/memory-ports.ts'
import { STORE_CASES } from './ledger-store-cases.ts'

test.each(STORE_CASES.map(({ name, run }) => [name, run] as const))('in memory: %s', async (_name, run) => {
  await run(memoryStore(emptyDisk()))
})

test('the cases can fail: a store that forgets its rows does not pass (canary)', async () => {
  const failures = await Promise.all(
    STORE_CASES.map(({ run }) =>
      run({ ...memoryStore(emptyDisk()), get: async () => ({ ok: true, value: undefined }), commit: async () => ({ ok: true, value: [] }) }).then(
        () => 0,
        () => 1,
      ),
    ),
  )
  expect(failures.reduce<number>((sum, each) => sum + each, 0)).toBeGreaterThan(STORE_CASES.length / 2)
})
