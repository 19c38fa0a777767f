/** What an app's page uses: `maestro-sw`. */
export { MaestroClient, type ConnectOptions } from './maestro-client.ts'
export type { ExecuteOptions, Executor, Handle, Maestro, Settled } from './api.ts'
export type { Failure, FailureCode, RetryClass } from '../protocol/failure.ts'
export type { Source, SourceKind } from '../protocol/source.ts'
export type * from '../protocol/views.ts'
