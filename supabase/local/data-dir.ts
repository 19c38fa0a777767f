import { mkdir } from 'node:fs/promises'

/**
 * Makes the data folder. Root makes it enterable by others, because PostgreSQL runs there as another user; every secret in it is 0600 itself.
 * A folder that exists keeps its mode.
 */
export const ensureDataDir = async (dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
}
