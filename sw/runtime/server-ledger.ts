/**
 * The shared ledger, as this device uses it: claims before effects, completions after, and the truth about the connection.
 *
 * S1 One console line an episode; a success ends the episode.
 * S2 While the browser knows that it is offline, no request is made.
 * S3 Results cross as envelopes only (law 10).
 */
import { base64UrlToBytes, bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/json.ts'
import type { Principal, Snapshot } from '../../src/protocol/views.ts'
import type { ReceiptRecord } from '../core/receipt-record.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { ReceiptServer, ServerFailure } from '../ports/receipt-server.ts'
import type { Counters } from './counters.ts'
import type { Ledger } from './ledger.ts'
import type { Session } from './session.ts'

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly fence: number | null }
  | { readonly kind: 'settled'; readonly state: string; readonly result: Json }
  | { readonly kind: 'failed'; readonly why: ServerFailure['kind']; readonly waitMs: number }

export type ServerLedger = {
  state(): Snapshot['sync']
  claim(record: ReceiptRecord): Promise<ClaimAnswer>
  /** Brings one terminal receipt to the server; false when it must be tried again. */
  settle(record: ReceiptRecord): Promise<boolean>
  /** The browser says that there is no network. */
  noteOffline(): void
}

type Deps = KeyringDep &
  LogDep &
  NetworkDep & {
    readonly server: ReceiptServer | null
    readonly session: Session
    readonly counters: Counters
    readonly ledger: Ledger
    readonly deviceId: () => string
    readonly onChange: () => void
  }

const principalOf = ({ call }: ReceiptRecord): Principal => ({ tenant: call.tenant, user: call.principal })

const TEXTS = {
  unreachable: '[MAESTRO] Server sync unreachable',
  failing: '[MAESTRO] Server sync failed, proceeding with local execution',
} as const

export function createServerLedger(deps: Deps): ServerLedger {
  let state: Snapshot['sync'] = 'unknown'

  const enter = (next: Snapshot['sync']): void => {
    if (next === state) return
    state = next
    if (next === 'unreachable' || next === 'failing') deps.log.line({ level: 'warn', text: TEXTS[next], code: 'SYNC_FAILED' })
    deps.onChange()
  }

  const note = (why: ServerFailure['kind'] | null): void => {
    if (why === null || why === 'in-progress' || why === 'key-reused' || why === 'fence') enter('reachable')
    else if (why !== 'auth') enter(why)
    if (why === null) deps.counters.count('synced')
    else if (why === 'failing' || why === 'unreachable') deps.counters.count('syncFailed')
  }

  const context = (record: ReceiptRecord): SealContext => ({ store: 'result', record: record.id, owner: record.call.tenant, shape: 1 })

  const openResult = async (record: ReceiptRecord, sealed: string | null): Promise<Json> => {
    const bytes = sealed === null ? null : base64UrlToBytes(sealed)
    if (!bytes) return null
    const plain = await deps.keyring.open(context(record), bytes)
    // Another device's result is under another key: that it was done is known, what came of it is not.
    return plain.ok ? (JSON.parse(new TextDecoder().decode(plain.value)) as Json) : null
  }

  const withToken = async <T>(
    record: ReceiptRecord,
    work: (token: string) => Promise<{ ok: true; value: T } | { ok: false; error: ServerFailure }>,
  ): Promise<{ ok: true; value: T } | { ok: false; error: ServerFailure }> => {
    for (const force of [false, true]) {
      const token = await deps.session.token(principalOf(record), force)
      if (token.kind === 'network') return { ok: false, error: { kind: 'unreachable' } }
      if (token.kind !== 'token') return { ok: false, error: { kind: 'auth' } }
      const answer = await work(token.token)
      if (answer.ok || answer.error.kind !== 'auth' || force) return answer
    }
    return { ok: false, error: { kind: 'auth' } }
  }

  async function claim(record: ReceiptRecord): Promise<ClaimAnswer> {
    const { server } = deps
    if (!server) return { kind: 'claimed', fence: null }
    if (!deps.network.online()) return { kind: 'failed', why: 'unreachable', waitMs: 0 }
    const { crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate } = deps.counters.report(true)
    const answer = await withToken(record, (token) =>
      server.claim(
        {
          tenant: record.call.tenant,
          key: record.key,
          traceId: record.traceId,
          action: record.call.action,
          paramsDigest: record.paramsDigest,
          lane: record.lane,
          deviceId: deps.deviceId(),
          report: { crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate },
        },
        token,
      ),
    )
    note(answer.ok ? null : answer.error.kind)
    if (!answer.ok) return { kind: 'failed', why: answer.error.kind, waitMs: answer.error.waitMs ?? 0 }
    if (answer.value.kind === 'claimed') return { kind: 'claimed', fence: answer.value.fence }
    return { kind: 'settled', state: answer.value.state, result: await openResult(record, answer.value.result) }
  }

  return {
    state: () => state,
    claim,
    noteOffline: () => deps.server && enter('unreachable'),
    async settle(record) {
      const { server } = deps
      if (!server) return (await deps.ledger.change(record.id, { kind: 'synced' })).ok
      if (!deps.network.online()) return false
      let { fence } = record
      if (fence === null) {
        const claimed = await claim(record)
        if (claimed.kind === 'failed' && claimed.why !== 'key-reused') return false
        fence = claimed.kind === 'claimed' ? claimed.fence : null
      }
      if (fence !== null) {
        const held = fence
        const result =
          record.result === undefined ? null : bytesToBase64Url(await deps.keyring.seal(context(record), utf8ToBytes(JSON.stringify(record.result))))
        const answer = await withToken(record, (token) =>
          server.complete({ tenant: record.call.tenant, key: record.key, fence: held, state: record.state, result }, token),
        )
        note(answer.ok ? null : answer.error.kind)
        if (!answer.ok && answer.error.kind !== 'fence') return false
      }
      return (await deps.ledger.change(record.id, { kind: 'synced' })).ok
    },
  }
}
