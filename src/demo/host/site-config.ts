import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin, UserConfig } from 'vite'
import { appShell } from './app-shell.ts'

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** `infer`: the worker with ONNX Runtime in it; `unlock`: the script of the account's unlock document. */
export type SiteMode = 'production' | 'sw' | 'infer' | 'unlock'
export type SiteOptions = {
  readonly outDir: string
  readonly enabled: string
  /** Raw Ed25519 public keys whose kill documents the build accepts; the environment's when absent, and unsigned ones where it names none. */
  readonly killKeys?: { readonly stop: string; readonly resume: string }
  /** Pages register the worker of mode `infer`. */
  readonly infer?: boolean
}

const staticFlag = (enabled: string): Plugin => ({
  name: 'maestro-static-flag',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'maestro-flag.json', source: JSON.stringify({ enabled: enabled === 'true' }) })
  },
})

const shared = (options: SiteOptions): UserConfig => ({
  appType: 'spa',
  envDir: false,
  logLevel: 'warn',
  define: {
    'import.meta.env.VITE_MAESTRO_ENABLED': JSON.stringify(options.enabled),
    'import.meta.env.VITE_MAESTRO_STOP_KEY': JSON.stringify(options.killKeys?.stop ?? process.env['VITE_MAESTRO_STOP_KEY'] ?? ''),
    'import.meta.env.VITE_MAESTRO_RESUME_KEY': JSON.stringify(options.killKeys?.resume ?? process.env['VITE_MAESTRO_RESUME_KEY'] ?? ''),
    'import.meta.env.VITE_DEMO_WORKER': JSON.stringify(options.infer ? '/sw-infer.js' : '/sw.js'),
  },
})

/** One classic script: a library build would not be minified, and browsers without module workers must run it too. */
const script = (entry: string, name: string): UserConfig['build'] => ({
  target: 'es2022',
  modulePreload: false,
  reportCompressedSize: false,
  rolldownOptions: {
    // ONNX Runtime looks for its own address, which a classic script has not: it is told where its files are.
    checks: { pluginTimings: false, emptyImportMeta: false },
    input: join(ROOT, entry),
    output: { format: 'iife', entryFileNames: name, codeSplitting: false },
  },
})

/**
 * How the demo's site is built. Pages first, then (modes `sw` and `infer`) the workers into the same folder: they carry the list of the
 * pages' files. Mode `unlock` writes nothing: its script is part of a document with a policy of its own.
 */
export const siteConfig = (mode: SiteMode, options: SiteOptions): UserConfig => {
  const common = shared(options)
  if (mode === 'unlock')
    return { ...common, root: ROOT, publicDir: false, build: { ...script('src/memory/unlock/main.ts', 'unlock.js'), write: false } }
  if (mode === 'production') {
    return {
      ...common,
      root: join(ROOT, 'src/demo/page'),
      publicDir: join(ROOT, 'public'),
      plugins: [staticFlag(options.enabled)],
      build: {
        outDir: options.outDir,
        emptyOutDir: true,
        target: 'es2022',
        reportCompressedSize: false,
        // A slow machine is no reason for a warning at every start.
        rolldownOptions: { checks: { pluginTimings: false } },
      },
    }
  }
  return {
    ...common,
    root: join(ROOT, 'src/demo/worker'),
    publicDir: false,
    define: { ...common.define, __SHELL__: JSON.stringify(appShell(options.outDir)) },
    build: {
      ...(mode === 'sw' ? script('src/demo/worker/main.ts', 'sw.js') : script('src/demo/worker/infer.ts', 'sw-infer.js')),
      outDir: options.outDir,
      emptyOutDir: false,
    },
  }
}
