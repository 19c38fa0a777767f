import type { Exit } from './exit-codes.ts'
import type { Io } from './io.ts'
import type { Target } from './target.ts'

export type Flag = {
  readonly type: 'string' | 'boolean' | 'positional'
  readonly description: string
  readonly valueHint?: string
  readonly required?: boolean
}

export type Context = {
  readonly io: Io
  /** A flag's or positional's text; null when it was not given. */
  text(name: string): string | null
  on(name: string): boolean
  /** The server that is asked. Throws a `Fault` when none can be told from flags and environment. */
  target(): Promise<Target>
}

/** What a command found: data for `--json`, lines for a person, and the exit code (0 unless told). */
export type Answer = { readonly data: unknown; readonly lines: readonly string[]; readonly exit?: Exit }

export type Command = {
  readonly describe: string
  readonly flags?: Readonly<Record<string, Flag>>
  /** Shown by `--help`, each as it is typed. */
  readonly examples: readonly string[]
  run(context: Context): Promise<Answer>
}

/** Commands by name; a group holds commands of its own. */
export type Group = { readonly describe: string; readonly commands: Readonly<Record<string, Command | Group>> }
