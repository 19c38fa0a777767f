import type { Exit } from './exit-codes.ts'

/** Why a command could not do what it was asked: a stable code, a sentence that says what to do, and the exit code. */
export class Fault extends Error {
  readonly code: string
  readonly exit: Exit

  constructor(exit: Exit, code: string, message: string) {
    super(message)
    this.name = 'Fault'
    this.code = code
    this.exit = exit
  }
}
