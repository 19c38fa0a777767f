/**
 * Files of all suites run side by side, three at a time: most of them wait most of the time, and they share one machine. A worker process serves
 * many files, so what they import is loaded once; only files that replace a module have a process of their own.
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from '../test/support/longest-first.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Measures how long the page's thread is kept: nothing else may keep the machine's. */
const MEASURING = ['test/browser/ten-thousand.test.ts']
/** `vi.mock` reaches every module that was loaded with the replaced one. */
const REPLACING = ['test/unit/bounds.test.ts']

export default defineConfig({
  root,
  cacheDir: `${root}/.cache/vite`,
  test: {
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        root,
        test: {
          name: 'quick',
          include: ['test/{unit,contract,sim,fitness}/**/*.test.ts'],
          exclude: REPLACING,
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'quick-alone',
          include: REPLACING,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: 'db',
          include: ['test/db/**/*.test.ts'],
          globalSetup: ['test/db/support/template-setup.ts'],
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        root,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          exclude: MEASURING,
          globalSetup: ['test/support/shared-demo-setup.ts'],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        root,
        test: {
          name: 'browser-alone',
          include: MEASURING,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
