import type { SecretStore } from '../ports/secret-store.ts'
import type { SecretsDatabase } from './secrets-database.ts'

/** Sealed values in `maestro_secrets`. An unreadable store answers "absent": the session is then asked for again. */
export const createSecretStore = (database: SecretsDatabase): SecretStore => ({
  get: async (name) => ((await database.exists()) ? database.get(name).catch(() => undefined) : undefined),
  set: (name, value) => database.set(name, value),
  remove: async (name) => ((await database.exists()) ? database.remove(name) : undefined),
})
