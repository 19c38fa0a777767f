import type { SecretStore } from '../ports/secret-store.ts'
import type { SecretsDatabase } from './secrets-database.ts'

/** Small values in `maestro_secrets`. An unreadable store answers "absent": the session is then asked for again. */
export const createSecretStore = (database: SecretsDatabase): SecretStore => ({
  get: async (name) => ((await database.exists()) ? database.get(name).catch(() => undefined) : undefined),
  // What cannot be kept serves while its owner lives; why it cannot is said when the key is made.
  set: (name, value) => database.set(name, value).catch(() => undefined),
  remove: async (name) => ((await database.exists()) ? database.remove(name) : undefined),
})
