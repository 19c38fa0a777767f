import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import { siteConfig } from './src/demo/host/site-config.ts'

/** `vite build` makes the pages, `vite build --mode sw` then the worker beside them; `npm start` uses the same configuration. */
export default defineConfig(({ mode }) =>
  siteConfig(mode === 'sw' ? 'sw' : 'production', {
    outDir: resolve(process.env['MAESTRO_DATA'] || '.maestro', 'site'),
    enabled: process.env['VITE_MAESTRO_ENABLED'] ?? '',
  }),
)
