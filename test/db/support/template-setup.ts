import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../../../supabase/local/stack.ts'
import { removeData, TEMPLATE } from './template.ts'

/** Global set-up of the database tests: one stack that was started, migrated and stopped, for each file to copy. */
export const setup = async (): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'maestro-template-'))
  process.env[TEMPLATE] = dataDir
  const stack = await startStack({ dataDir, enabled: true, version: '1.0.0' })
  await stack.stop()
}

export const teardown = async (): Promise<void> => {
  const dataDir = process.env[TEMPLATE]
  if (dataDir !== undefined) await removeData(dataDir)
}
