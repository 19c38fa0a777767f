import { resolve } from 'node:path'

export type Settings = {
  /** 0 asks the system for a free port. */
  readonly port: number
  /** Absolute; site, database and keys of this installation. */
  readonly dataDir: string
  readonly enabled: boolean
  /** Pages get the worker with ONNX Runtime in it, and the guard a second opinion. */
  readonly infer: boolean
  /** How late the demo's back end answers, ms: for tests of lost and slow answers. */
  readonly delayMs: number
  /** The ops console's; null for none, 0 asks the system. Another one is taken where it is in use. */
  readonly consolePort: number | null
}

type Environment = Readonly<Record<string, string | undefined>>

const wholeNumber = (env: Environment, name: string, otherwise: number, max: number): number => {
  const text = env[name]
  if (text === undefined || text === '') return otherwise
  if (!/^\d{1,6}$/.test(text) || Number(text) > max) throw new Error(`${name} must be a whole number from 0 to ${max}, not "${text}"`)
  return Number(text)
}

/** What the environment asks for. Throws with a sentence for a person; only the string `true` enables MAESTRO. */
export const readSettings = (env: Environment, cwd: string): Settings => {
  const port = wholeNumber(env, 'PORT', 5173, 65_535)
  const beside = port === 0 || port === 65_535 ? 0 : port + 1
  return {
    port,
    consolePort: env['MAESTRO_CONSOLE_PORT'] === 'off' ? null : wholeNumber(env, 'MAESTRO_CONSOLE_PORT', beside, 65_535),
    dataDir: resolve(cwd, env['MAESTRO_DATA'] || '.maestro'),
    enabled: env['VITE_MAESTRO_ENABLED'] === 'true',
    infer: env['MAESTRO_DEMO_INFER'] === 'true',
    delayMs: wholeNumber(env, 'MAESTRO_DEMO_DELAY_MS', 0, 600_000),
  }
}
