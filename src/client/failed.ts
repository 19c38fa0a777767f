import type { Failure, FailureCode, FAILURES } from '../protocol/failure.ts'

/** A failure that the page itself finds. Its class is written at the call and checked by the compiler, so that no page carries the table of all. */
export const failed = <C extends FailureCode>(code: C, retry: (typeof FAILURES)[C], message: string): Failure => ({ code, retry, message })
