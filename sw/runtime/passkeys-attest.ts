/** The receipt of a request as a statement that a back end can check by itself: `src/server` reads it. */
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { unsignedJws } from '../../src/protocol/compact-jws.ts'
import { RECEIPT_TYP, type ReceiptToken } from '../../src/protocol/receipt-token.ts'
import * as v from '../../src/protocol/schema.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import { EvidenceSchema } from './passkeys-evidence.ts'

/** `now`: epoch ms by the server's clock. */
export async function attest(
  record: ReceiptRecord,
  device: { readonly device: string; readonly certificate: string },
  signer: DeviceSigner,
  now: number,
): Promise<string> {
  const { call, approved } = record
  const evidence = v.safeParse(EvidenceSchema, approved?.evidence)
  const token: ReceiptToken = {
    v: 1,
    tenant: call.tenant,
    principal: call.principal,
    device: device.device,
    origin: call.origin,
    agent: call.agent,
    action: call.action,
    version: call.version,
    policy_digest: call.policy,
    seq: call.seq,
    nonce: call.nonce,
    issued: call.issued,
    expires: call.expires,
    key: record.key,
    params_digest: record.paramsDigest,
    call_digest: record.digest,
    lane: record.lane,
    approved_at: approved && approvedAt(record, now),
    approver: approved && call.principal,
    user_verified: evidence.success,
    certificate: device.certificate,
    ...(evidence.success ? { assertion: evidence.output } : {}),
  }
  const unsigned = unsignedJws(RECEIPT_TYP, token as unknown as JsonObject)
  return `${unsigned}.${bytesToBase64Url(await signer.sign(utf8ToBytes(unsigned)))}`
}

/** By the clock that the call was issued by: the device's own is only trusted for how long it took. */
const approvedAt = ({ call, admittedAt, approved }: ReceiptRecord, now: number): number =>
  Math.max(call.issued, Math.min(call.expires, now, call.issued + (approved?.at ?? admittedAt) - admittedAt))
