import type { Result } from '../../src/base/result.ts'

export type RemoteRow = { readonly store: string; readonly id: string; readonly rev: number; readonly gone: boolean; readonly sealed: Uint8Array }

export type PushItem = { readonly store: string; readonly id: string; readonly base: number; readonly gone: boolean; readonly sealed: Uint8Array }

/** `rev`: taken, under this number. Else another device was faster, and this is what it wrote. */
export type PushAnswer = { readonly rev: number } | { readonly conflict: RemoteRow } | { readonly refused: string }

export type MemoryServerFailure = 'unreachable' | 'failing' | 'auth'

export type Exchange = {
  readonly tenant: string
  readonly device: string
  /** Rows after this number are asked for. */
  readonly since: number
  readonly push: readonly PushItem[]
}

export type Exchanged = {
  readonly pushed: readonly PushAnswer[]
  readonly rows: readonly RemoteRow[]
  readonly through: number
  readonly more: boolean
}

/** A principal's envelopes on the server. Numbers rise with every change and none is skipped by a reader. */
export interface MemoryServer {
  exchange(request: Exchange, token: string): Promise<Result<Exchanged, MemoryServerFailure>>
  /** One row; `null` when there is none. */
  read(tenant: string, store: string, id: string, token: string): Promise<Result<RemoteRow | null, MemoryServerFailure>>
}
