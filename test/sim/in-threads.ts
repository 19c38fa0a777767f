import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'vite'
import type { Result } from './summary.ts'

const SLICE = 25
/** A slice takes seconds; what takes this long hangs. */
const PATIENCE_MS = 600_000

/** Bundled once, so that a thread starts in milliseconds and every module is compiled the same way. */
export async function bundle(entry: string): Promise<{ readonly file: string; readonly remove: () => void }> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-sim-'))
  const file = join(folder, 'sim.mjs')
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: { ssr: entry, outDir: folder, minify: false, rolldownOptions: { output: { entryFileNames: 'sim.mjs', codeSplitting: false } } },
  })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const THREAD = fileURLToPath(new URL('./thread.ts', import.meta.url))

/** Runs seeds `from` up to `from + count` in threads; slices alternate, so that all end at about the same time. */
export async function inThreads(
  options: { readonly from: number; readonly count: number; readonly threads: number; readonly entry?: string },
  onResults: (results: readonly Result[]) => boolean | void,
): Promise<void> {
  const { file, remove } = await bundle(options.entry ?? THREAD)
  const to = options.from + options.count
  const workers: Worker[] = []
  try {
    await Promise.all(
      Array.from({ length: options.threads }, (_none, i) => {
        const workerData = { from: options.from + i * SLICE, to, step: SLICE, stride: SLICE * options.threads }
        // Worlds are short-lived: a large nursery spares most of the collecting.
        const worker = new Worker(file, { workerData, stderr: false, resourceLimits: { maxYoungGenerationSizeMb: 128 } })
        workers.push(worker)
        return new Promise<void>((resolve, reject) => {
          const giveUp = setTimeout(() => reject(new Error(`no answer from a thread in ${PATIENCE_MS / 60_000} minutes`)), PATIENCE_MS)
          worker.on('message', (results: readonly Result[]) => {
            giveUp.refresh()
            if (onResults(results) === true) for (const other of workers) void other.terminate()
          })
          worker.on('error', reject)
          worker.on('exit', () => {
            clearTimeout(giveUp)
            resolve()
          })
        })
      }),
    )
  } finally {
    for (const worker of workers) void worker.terminate()
    remove()
  }
}
