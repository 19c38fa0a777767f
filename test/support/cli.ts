import { run } from '../../src/cli/run.ts'
import type { Exit } from '../../src/cli/exit-codes.ts'
import type { Io } from '../../src/cli/io.ts'

export type Said = { readonly exit: Exit; readonly out: string; readonly err: string; readonly json: Record<string, unknown> }

/** The command line in this process, as a terminal would run it; `json` is the last line of its standard output, `{}` when that is none. */
export const cli =
  (io: Partial<Io> = {}) =>
  async (...argv: readonly string[]): Promise<Said> => {
    let out = ''
    let err = ''
    const exit = await run(argv, {
      env: {},
      cwd: process.cwd(),
      fetch,
      now: Date.now,
      ...io,
      out: (text) => void (out += text),
      err: (text) => void (err += text),
    })
    let json: Record<string, unknown> = {}
    try {
      json = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
    } catch {
      json = {}
    }
    return { exit, out, err, json }
  }
