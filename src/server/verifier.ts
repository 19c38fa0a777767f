/**
 * A back end that believes nobody: whether a request carries a valid receipt, and the approval it needs, for exactly these parameters.
 *
 * B1 Decided offline: by the server's public keys, and the replay store.
 * B2 The parameters are the request's, never the token's: what is checked is what will be done.
 * B3 A call is good for one request. The same request again is accepted as such (`isAgain`); making it one effect is the idempotency key's work.
 */
import { canonical } from '../base/canonical.ts'
import { digestJson } from '../base/digest.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { ok, type Result } from '../base/result.ts'
import { readCompactJws } from '../protocol/compact-jws.ts'
import { DEVICE_TYP, DeviceCertificateSchema, RECEIPT_TYP, ReceiptTokenSchema, callDigestOf, paramsDigestOf } from '../protocol/receipt-token.ts'
import type { DeviceCertificate, ReceiptToken } from '../protocol/receipt-token.ts'
import * as v from '../protocol/schema.ts'
import type { Lane } from '../protocol/views.ts'
import { readCertificate, SKEW_MS, type ServerKeys } from './certificates.ts'
import { checkAssertion } from './check-assertion.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { ReplayStore } from './replay-store.ts'
import { isSignedBy } from './signatures.ts'

/** How long a use is remembered after its call has ended: as long as the ledger remembers keys. Ninety days. */
const KEEP_MS = 90 * 86_400_000

export type VerifierOptions = {
  /** The JWKS of `GET maestro-sync/keys`, or how to have it; it is asked for at every request, so keep it. */
  readonly keys: ServerKeys | (() => ServerKeys | Promise<ServerKeys>)
  readonly replays: ReplayStore
  /** The origins whose workers may ask, or whether one may. */
  readonly origins: readonly string[] | ((origin: string) => boolean)
  /** The host that passkeys are for; by default the origin's own. */
  readonly rp?: string
  /** The policies that count, by action: digests of the rules that were deployed. Absent: any. */
  readonly policies?: Readonly<Record<string, readonly string[]>>
  /** Agents that may ask; people always may. Absent: any. */
  readonly agents?: readonly string[]
  /** Epoch ms. */
  readonly now?: () => number
}

export type AskedFor = {
  /** Who sends the request, by their access token. */
  readonly caller: { readonly tenant: string; readonly principal: string }
  readonly action: string
  /** As they came, before anything was made of them. */
  readonly params: JsonObject
  /** The idempotency key, decoded. */
  readonly key: string
  /** The header `maestro-receipt`, or a batch item's `proof`. */
  readonly token: string | null | undefined
  /** What this request needs beyond a valid receipt; a RED one always needs an approval. */
  readonly needs?: 'approval' | 'verification'
}

export type Accepted = {
  readonly tenant: string
  readonly principal: string
  readonly device: string
  readonly agent: string | null
  readonly lane: Lane
  readonly approvedAt: number | null
  readonly approver: string | null
  /** Proved by a passkey over this very call. */
  readonly userVerified: boolean
  /** SHA-256, hex, of the canonical call: what the person was shown. */
  readonly digest: string
  /** The same request was accepted before. */
  readonly isAgain: boolean
}

/** A receipt that its device signed, and whose device that is. */
type Read = { readonly token: ReceiptToken; readonly person: DeviceCertificate }

export type Verify = (asked: AskedFor) => Promise<Result<Accepted, Refusal>>

/** @example const verify = createVerifier({ keys, replays: memoryReplayStore(), origins: ['https://app.example'] }) */
export function createVerifier(options: VerifierOptions): Verify {
  const now = options.now ?? Date.now

  async function readToken(text: string, server: ServerKeys): Promise<Result<Read, Refusal>> {
    const jws = readCompactJws(text)
    const parsed = v.safeParse(ReceiptTokenSchema, jws?.payload)
    // One text for one meaning: no doubled member, no other spelling of a number or a string.
    if (!jws || !parsed.success || canonical(jws.payload as Json) !== jws.text) return refusal('RECEIPT_MALFORMED', 'this is no receipt')
    const token = parsed.output
    const certified = await readCertificate(token.certificate, { typ: DEVICE_TYP, schema: DeviceCertificateSchema }, server, now())
    if (!certified.ok) return certified
    const { tenant, user, device, key } = certified.value
    if (tenant !== token.tenant || user !== token.principal || device !== token.device)
      return refusal('CERTIFICATE_MISMATCH', 'the certificate is of another person or device')
    const isSigned = jws.typ === RECEIPT_TYP && (await isSignedBy(key, jws.signed, jws.signature))
    return isSigned ? ok({ token, person: certified.value }) : refusal('RECEIPT_FORGED', 'the device did not sign this')
  }

  /** Whether it is a receipt of exactly this request. */
  function bindingFault({ token, person }: Read, { caller, action, params, key }: AskedFor): Result<null, Refusal> {
    if (person.tenant !== caller.tenant || person.principal !== caller.principal) return refusal('CALLER_MISMATCH', 'a receipt of another person')
    if (token.action !== action) return refusal('ACTION_MISMATCH', 'a receipt of another action')
    if (token.key !== key) return refusal('KEY_MISMATCH', 'a receipt of another idempotency key')
    if (token.params_digest !== paramsDigestOf(action, token.version, params)) return refusal('PARAMS_MISMATCH', 'a receipt of other parameters')
    return token.call_digest === callDigestOf(token, params) ? ok(null) : refusal('CALL_MISMATCH', 'the digest names another call')
  }

  /** Whether the app lets such a call be made at all. */
  function ruleFault({ origin, agent, lane, action, policy_digest, issued }: ReceiptToken): Result<null, Refusal> {
    const { origins, policies, agents } = options
    if (!(typeof origins === 'function' ? origins(origin) : origins.includes(origin))) return refusal('ORIGIN_REFUSED', 'not an origin of this app')
    if (policies && !(Object.hasOwn(policies, action) && policies[action]?.includes(policy_digest)))
      return refusal('POLICY_REFUSED', 'not a policy that was deployed')
    if (agent !== null && agents && !agents.includes(agent)) return refusal('AGENT_REFUSED', 'not an agent of this app')
    if (lane === 'BLOCKED') return refusal('LANE_BLOCKED', 'policy blocked this')
    return issued > now() + SKEW_MS ? refusal('NOT_YET', 'issued in the future') : ok(null)
  }

  async function approvalFault({ token, person }: Read, needs: AskedFor['needs'], server: ServerKeys): Promise<Result<null, Refusal>> {
    const { approved_at: at, approver, principal, issued, expires, lane, assertion, origin } = token
    if (at === null || approver === null) {
      if (needs !== undefined || lane === 'RED') return refusal('APPROVAL_MISSING', 'nobody approved this')
      if (at !== null || approver !== null || assertion || token.user_verified) return refusal('APPROVAL_INVALID', 'half an approval')
      return ok(null)
    }
    if (approver !== principal || at < issued - SKEW_MS || at > expires || at > now() + SKEW_MS)
      return refusal('APPROVAL_INVALID', 'not approved by this person while it could be')
    if (token.user_verified !== (assertion !== undefined)) return refusal('VERIFICATION_MISSING', 'the receipt and its proof disagree')
    if (assertion) return checkAssertion(token, person, assertion, options.rp ?? hostOf(origin), server, now())
    return needs === 'verification' ? refusal('VERIFICATION_MISSING', 'the person did not prove who they are') : ok(null)
  }

  async function use({ tenant, principal, nonce, key, call_digest, expires }: ReceiptToken): Promise<Result<boolean, Refusal>> {
    const { replays } = options
    const once = { owner: digestJson([tenant, principal]), nonce, digest: digestJson([key, call_digest]), keptUntil: expires + KEEP_MS }
    const isOver = now() > expires
    const used = await (isOver ? replays.look(once) : replays.take(once)).catch(() => null)
    if (used === null) return refusal('REPLAY_STORE_FAILED', 'nobody knows whether this was used before')
    if (used === 'otherwise') return refusal('REPLAYED', 'this call was used for another request')
    return used === 'never' && isOver ? refusal('EXPIRED', 'the approval has ended') : ok(used === 'again')
  }

  return async (asked) => {
    if (!asked.token) return refusal('RECEIPT_MISSING', 'the request carries no receipt')
    const server = typeof options.keys === 'function' ? await options.keys() : options.keys
    const read = await readToken(asked.token, server)
    if (!read.ok) return read
    const { token, person } = read.value
    for (const check of [bindingFault(read.value, asked), ruleFault(token), await approvalFault(read.value, asked.needs, server)])
      if (!check.ok) return check
    const used = await use(token)
    if (!used.ok) return used
    const { device, agent, lane, approved_at: approvedAt, approver, user_verified: userVerified, call_digest: digest } = token
    const { tenant, principal } = person
    return ok({ tenant, principal, device, agent, lane, approvedAt, approver, userVerified, digest, isAgain: used.value })
  }
}

const hostOf = (origin: string): string => {
  try {
    return new URL(origin).hostname
  } catch {
    return ''
  }
}
