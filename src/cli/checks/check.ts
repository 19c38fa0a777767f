import type { Context } from '../command.ts'

/** `warn` is degraded, not red; `skip` says why it cannot be told here. */
export type Verdict = 'pass' | 'fail' | 'warn' | 'skip'

export type Finding = { readonly verdict: Verdict; readonly why: string }

export type Stage = 'production' | 'staging' | 'local'

/** What a check may look at: the command's context, the stage, and the build's variables. */
export type Subject = { readonly context: Context; readonly stage: Stage; readonly build: Readonly<Record<string, string | undefined>> }

/** One line of the pre-deploy lists, as something that can be run. */
export type Check = {
  readonly name: string
  /** The promises it looks after. */
  readonly rows: readonly string[]
  readonly asks: string
  run(subject: Subject): Promise<Finding>
}

export const pass = (why: string): Finding => ({ verdict: 'pass', why })
export const fail = (why: string): Finding => ({ verdict: 'fail', why })
export const warn = (why: string): Finding => ({ verdict: 'warn', why })
export const skip = (why: string): Finding => ({ verdict: 'skip', why })
