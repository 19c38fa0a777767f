import type { KillMirror } from '../ports/kill-mirror.ts'
import type { SecretsDatabase } from './secrets-database.ts'

const NAME = 'kill/1'

/** The mirror in `maestro_secrets`, where that lies already. */
export const createKillMirror = (database: SecretsDatabase): KillMirror => ({
  load: async () => ((await database.exists()) ? database.get(NAME) : undefined),
  save: async (value) => {
    if (await database.exists()) await database.set(NAME, value)
  },
})
