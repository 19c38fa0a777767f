import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { ROOT } from './source-files.ts'

export type Bundle = {
  readonly name: string
  readonly entry: string
  /** Counts what the entry fetches later, too. */
  readonly later?: true
  /** KB are 1,000 bytes, after gzip. */
  readonly budgetKb: number
  /** Text of the other side that must never reach this one. */
  readonly forbidden: readonly string[]
}

const WORKER_FORBIDDEN = ['customElements', 'HTMLElement', 'showModal', 'service_role']

/** The budgets of the product: proxy (with Comlink and workbox-window), dialog, core worker. */
export const BUNDLES: readonly Bundle[] = [
  {
    name: 'proxy',
    entry: 'src/client/index.ts',
    budgetKb: 9,
    forbidden: ['maestro_secrets', 'maestro_ledger', 'deriveKey', 'inDirectory', 'service_role'],
  },
  {
    name: 'dialog',
    entry: 'src/dialog/index.ts',
    budgetKb: 6,
    forbidden: ['maestro_secrets', 'maestro_ledger', 'inDirectory', 'indexedDB', 'service_role'],
  },
  {
    name: 'dialog, in the end',
    entry: 'src/dialog/index.ts',
    later: true,
    budgetKb: 13,
    forbidden: ['maestro_secrets', 'maestro_ledger', 'inDirectory', 'indexedDB', 'service_role'],
  },
  { name: 'worker', entry: 'sw/boot/index.ts', budgetKb: 30, forbidden: WORKER_FORBIDDEN },
  { name: 'worker, supabase, rescue', entry: 'test/fitness/whole-worker.ts', budgetKb: 36, forbidden: WORKER_FORBIDDEN },
  {
    name: 'panel',
    entry: 'src/panel/index.ts',
    budgetKb: 16,
    forbidden: ['maestro_secrets', 'maestro_ledger', 'inDirectory', 'indexedDB', 'service_role'],
  },
]

export type Built = { readonly bytes: number; readonly text: string }

type Output = {
  readonly fileName: string
  readonly code: string
  readonly isEntry: boolean
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
}

/** The entry with what it imports, and what it fetches `later`. */
const reached = (files: ReadonlyMap<string, Output>, later: boolean): Set<Output> => {
  const found = new Set<Output>()
  const visit = (file: Output | undefined): void => {
    if (file === undefined || found.has(file)) return
    found.add(file)
    for (const name of [...file.imports, ...(later ? file.dynamicImports : [])]) visit(files.get(name))
  }
  for (const file of files.values()) if (file.isEntry) visit(file)
  return found
}

/** Builds one entry alone, minified, as an app's bundler would. */
export const buildBundle = async (entry: string, later = false): Promise<Built> => {
  const outDir = await mkdtemp(join(tmpdir(), 'maestro-bundle-'))
  try {
    const result = await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        outDir,
        write: false,
        minify: true,
        modulePreload: false,
        rolldownOptions: { input: join(ROOT, entry), preserveEntrySignatures: 'strict' },
      },
    })
    const outputs = (Array.isArray(result) ? result : [result]).flatMap((built) => ('output' in built ? built.output : []))
    const files = new Map(outputs.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file] as const] : [])))
    const text = [...reached(files, later)].map(({ code }) => code).join('\n')
    return { bytes: gzipSync(text, { level: 9 }).length, text }
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

/** What is wrong with a bundle: too large, empty, or holding what belongs to the other side. */
export const bundleFaults = (bundle: Bundle, built: Built): string[] => [
  ...(built.text.length < 1_000 ? [`${bundle.name}: the build is empty`] : []),
  ...(built.bytes > bundle.budgetKb * 1_000 ? [`${bundle.name}: ${built.bytes} bytes after gzip, allowed are ${bundle.budgetKb * 1_000}`] : []),
  ...bundle.forbidden.filter((text) => built.text.includes(text)).map((text) => `${bundle.name}: contains ${text}`),
]
