import type { Result } from '../../src/base/result.ts'

export type ClaimRequest = {
  readonly tenant: string
  readonly key: string
  readonly traceId: string
  readonly action: string
  readonly paramsDigest: string
  readonly lane: string
  readonly deviceId: string
  readonly report: DeviceReport
}

/** Today's counts (UTC) on this device, carried with claims so that health can add them up. */
export type DeviceReport = {
  readonly crypto_initialized: boolean
  readonly blocked_operations: number
  readonly man_mode_escalations: number
  readonly sync_success_rate: number | null
}

export type Claim =
  | { readonly kind: 'claimed'; readonly fence: number }
  | { readonly kind: 'settled'; readonly state: string; readonly result: string | null }

/** `unreachable`: nobody answered. `failing`: an answer that is an error or not what it claims. `waitMs`: a floor for the next try. */
export type ServerFailure = { readonly kind: 'unreachable' | 'failing' | 'in-progress' | 'key-reused' | 'auth' | 'fence'; readonly waitMs?: number }

/** The ledger that decides across devices. Repeating a call with the same arguments has no further effect. */
export interface ReceiptServer {
  claim(request: ClaimRequest, token: string): Promise<Result<Claim, ServerFailure>>
  complete(
    request: { readonly tenant: string; readonly key: string; readonly fence: number; readonly state: string; readonly result: string | null },
    token: string,
  ): Promise<Result<null, ServerFailure>>
}
