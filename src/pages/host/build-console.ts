import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const PAGE = join(dirname(dirname(fileURLToPath(import.meta.url))), 'console')

/** Builds the console's page into a folder, and gives the folder. */
export const buildConsole = async (outDir: string): Promise<string> => {
  await build({
    root: PAGE,
    configFile: false,
    envDir: false,
    publicDir: false,
    appType: 'spa',
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2022', reportCompressedSize: false, rolldownOptions: { checks: { pluginTimings: false } } },
  })
  return outDir
}
