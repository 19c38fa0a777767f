/** One thread of a run: takes seeds in slices, until there are no more. */
import { parentPort, workerData } from 'node:worker_threads'
import { runSeed } from './run-seed.ts'
import type { Result } from './summary.ts'

const { from, to, step, stride } = workerData as { readonly from: number; readonly to: number; readonly step: number; readonly stride: number }

// A stack for each abort of a poke costs more than the rest of a step.
Error.stackTraceLimit = 0
process.on('unhandledRejection', () => undefined)

for (let begin = from; begin < to; begin += stride) {
  const results: Result[] = []
  for (let seed = begin; seed < Math.min(to, begin + step); seed++) results.push(await runSeed(seed))
  parentPort?.postMessage(results)
}
