import type { SecretsDatabase } from './secrets-database.ts'

/**
 * Copies a value that cannot be used, if there is one, to a place of its own, and never over another. Rejects where it could not be kept:
 * whatever was to take its place must not, then.
 */
export async function setAside(database: SecretsDatabase, name: string): Promise<void> {
  const value = await database.get(name)
  if (value === undefined) return
  let n = 1
  while ((await database.get(`${name}/aside/${n}`)) !== undefined) n++
  await database.set(`${name}/aside/${n}`, value)
}
