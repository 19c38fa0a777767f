/**
 * The shared ledger, as this device uses it: claims before effects, completions after, and the truth about the connection.
 *
 * S1 One console line an episode; a success ends the episode.
 * S2 While the browser knows that it is offline, no request is made.
 * S3 Results cross as envelopes only (law 10).
 * S4 Whoever asks while a request is under way shares the next one; each has an answer of its own.
 * S5 While the gate is off, no request is made, not even the second of two (law 7).
 */
import { base64UrlToBytes, bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { Principal, Snapshot } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import { isOff } from '../core/gate-state.ts'
import { FINAL, ownerPrincipal, type ReceiptRecord } from '../core/receipt-record.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { LedgerStoreDep } from '../ports/ledger-store.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { Claim, ClaimItem, CompletionItem, LedgerWord, ReceiptServer, ServerFailure, SyncAnswer } from '../ports/receipt-server.ts'
import type { RandomDep } from '../ports/random.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'
import type { Counters } from './counters.ts'
import { createDeviceChain } from './device-chain.ts'
import type { Gate } from './gate.ts'
import type { Ledger } from './ledger.ts'
import type { ServerTime } from './server-time.ts'
import type { Session } from './session.ts'

export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly fence: number | null; readonly isBegunElsewhere: boolean }
  | { readonly kind: 'settled'; readonly state: string; readonly result: Json }
  | { readonly kind: 'failed'; readonly why: ServerFailure['kind']; readonly waitMs: number }

export type ServerLedger = {
  /** Reads or makes this device's name. */
  load(): Promise<void>
  state(): Snapshot['sync']
  claim(record: ReceiptRecord): Promise<ClaimAnswer>
  /** Brings one terminal receipt to the server; false when it must be tried again. */
  settle(record: ReceiptRecord): Promise<boolean>
  /** What the ledger knows of a receipt whose outcome nobody here knows; `null` when it does not know either. */
  ask(record: ReceiptRecord): Promise<Result<(Omit<LedgerWord, 'result'> & { readonly result: Json }) | null, ServerFailure>>
  /** Brings this device's chain to the server, and learns its time; a hint, like every connection. */
  catchUp(principal: Principal): Promise<void>
  /** How long the server remembers a key, ms; `null` when there is none, or it has not said. */
  retentionMs(): number | null
  /** The browser says that there is no network. */
  noteOffline(): void
}

type Deps = KeyringDep &
  LedgerStoreDep &
  LogDep &
  NetworkDep &
  RandomDep &
  SecretStoreDep & {
    readonly server: ReceiptServer
    readonly session: Session
    readonly counters: Counters
    readonly gate: Gate
    readonly ledger: Ledger
    readonly time: ServerTime
    /** What the ledger is told of a receipt's parameters; `null`: nothing, and the key alone names the intent there. */
    readonly digest: (record: ReceiptRecord) => Promise<string | null>
    readonly onChange: () => void
  }

type Item = { readonly claim: ClaimItem } | { readonly completion: CompletionItem }
type Job = { readonly principal: Principal; readonly item: Item; readonly settle: (answer: Result<Claim | null, ServerFailure>) => void }

const TEXTS = {
  unreachable: '[MAESTRO] Server sync unreachable',
  failing: '[MAESTRO] Server sync failed, proceeding with local execution',
} as const

export function createServerLedger(deps: Deps): ServerLedger {
  const { server } = deps
  const chain = createDeviceChain(deps)
  let state: Snapshot['sync'] = 'unknown'
  let retentionMs: number | null = null
  let jobs: Job[] = []
  let isSending = false

  const enter = (next: Snapshot['sync']): void => {
    if (next === state) return
    state = next
    if (next === 'unreachable' || next === 'failing') deps.log.line({ level: 'warn', text: TEXTS[next], code: 'SYNC_FAILED' })
    deps.onChange()
  }

  const note = (why: ServerFailure['kind'] | null): void => {
    if (why === 'failing' || why === 'unreachable') {
      enter(why)
      deps.counters.count('syncFailed')
    } else if (why !== 'auth') enter('reachable')
    if (why === null) deps.counters.count('synced')
  }

  const withToken = async <T>(
    principal: Principal,
    work: (token: string) => Promise<Result<T, ServerFailure>>,
  ): Promise<Result<T, ServerFailure>> => {
    for (const force of [false, true]) {
      const token = await deps.session.token(principal, force)
      if (token.kind === 'network') return err({ kind: 'unreachable' })
      if (token.kind !== 'token') return err({ kind: 'auth' })
      if (isOff(deps.gate.view())) return err({ kind: 'unreachable' })
      const answer = await work(token.token)
      note(answer.ok ? null : answer.error.kind)
      if (answer.ok || answer.error.kind !== 'auth') return answer
    }
    deps.session.refuse(principal)
    return err({ kind: 'auth' })
  }

  async function sync(
    principal: Principal,
    claims: readonly ClaimItem[],
    completions: readonly CompletionItem[],
  ): Promise<Result<SyncAnswer, ServerFailure>> {
    const { crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate } = deps.counters.report(true)
    const open = deps.ledger.waiting(principal).filter(({ record }) => !FINAL.has(record.state))
    const room = Math.min(LIMITS.syncAuditMax, LIMITS.syncItemsMax - claims.length - completions.length)
    const request = {
      tenant: principal.tenant,
      deviceId: chain.deviceId(),
      report: {
        crypto_initialized,
        blocked_operations,
        man_mode_escalations,
        sync_success_rate,
        waiting: open.length,
        awaiting_approval: open.filter(({ record }) => record.state === 'awaiting-approval').length,
      },
      claims,
      completions,
      audit: await chain.owed(principal, room),
    }
    const answer = await withToken(principal, (token) => server.sync(request, token))
    if (!answer.ok) return answer
    retentionMs = answer.value.retentionMs
    deps.time.learn(answer.value.serverTime)
    await chain.heard(principal, request.deviceId, answer.value.audit)
    return answer
  }

  /** One request's worth: of one person, and no more than the server takes; the first of them whatever it weighs. */
  function take(): readonly Job[] {
    const taken: Job[] = []
    const left: Job[] = []
    let chars = 0
    for (const job of jobs) {
      const [first = job] = taken
      const more = 'completion' in job.item ? (job.item.completion.result?.length ?? 0) : 0
      const isTaken =
        ownerOf(job.principal) === ownerOf(first.principal) &&
        taken.length < LIMITS.syncItemsMax &&
        (job === first || chars + more <= LIMITS.syncResultCharsMax)
      if (isTaken) chars += more
      ;(isTaken ? taken : left).push(job)
    }
    jobs = left
    return taken
  }

  async function send(): Promise<void> {
    isSending = true
    // Let everyone who asks in this turn come along.
    await Promise.resolve()
    while (jobs.length > 0) {
      const group = take()
      const claiming = group.flatMap((job) => ('claim' in job.item ? [{ job, item: job.item.claim }] : []))
      const completing = group.flatMap((job) => ('completion' in job.item ? [{ job, item: job.item.completion }] : []))
      const [first] = group
      if (!first) break
      const answer = await sync(
        first.principal,
        claiming.map(({ item }) => item),
        completing.map(({ item }) => item),
      ).catch((): Result<SyncAnswer, ServerFailure> => err({ kind: 'failing' }))
      claiming.forEach(({ job }, i) => job.settle(answer.ok ? (answer.value.claims[i] ?? err({ kind: 'failing' })) : answer))
      completing.forEach(({ job }, i) => job.settle(answer.ok ? (answer.value.completions[i] ?? err({ kind: 'failing' })) : answer))
      if (answer.ok || answer.error.kind === 'failing') continue
      // Nobody there, or nobody let in: whoever waits behind would only hear the same, one time-out later.
      for (const { settle } of jobs.splice(0)) settle(answer)
    }
    isSending = false
  }

  const request = (record: ReceiptRecord, item: Item): Promise<Result<Claim | null, ServerFailure>> =>
    new Promise((settle) => {
      jobs.push({ principal: ownerPrincipal(record), item, settle })
      if (!isSending) void send()
    })

  const context = (record: ReceiptRecord): SealContext => ({ store: 'result', record: record.id, owner: record.call.tenant, shape: 1 })

  const openResult = async (record: ReceiptRecord, sealed: string | null): Promise<Json> => {
    const bytes = sealed === null ? null : base64UrlToBytes(sealed)
    if (!bytes) return null
    const plain = await deps.keyring.open(context(record), bytes)
    // Another device's result is under another key: that it was done is known, what came of it is not.
    return plain.ok ? (JSON.parse(new TextDecoder().decode(plain.value)) as Json) : null
  }

  async function claim(record: ReceiptRecord): Promise<ClaimAnswer> {
    if (!deps.network.online()) return { kind: 'failed', why: 'unreachable', waitMs: 0 }
    const { key, traceId, lane } = record
    const paramsDigest = await deps.digest(record)
    const answer = await request(record, { claim: { key, traceId, action: record.call.action, paramsDigest, lane } })
    if (!answer.ok) return { kind: 'failed', why: answer.error.kind, waitMs: answer.error.waitMs ?? 0 }
    if (answer.value?.kind === 'settled') return { kind: 'settled', state: answer.value.state, result: await openResult(record, answer.value.result) }
    return { kind: 'claimed', fence: answer.value?.fence ?? null, isBegunElsewhere: answer.value?.isBegunElsewhere ?? false }
  }

  async function settle(record: ReceiptRecord): Promise<boolean> {
    if (!deps.network.online()) return false
    let result =
      record.result === undefined ? null : bytesToBase64Url(await deps.keyring.seal(context(record), utf8ToBytes(JSON.stringify(record.result))))
    // A fence that is not ours any more is asked for once again: a late copy of our own request may have raised it.
    for (let fence = record.fence, isAgain = false; ; isAgain = true) {
      if (fence === null || isAgain) {
        const claimed = await claim(record)
        if (claimed.kind === 'failed' && claimed.why !== 'key-reused' && claimed.why !== 'invalid') return false
        fence = claimed.kind === 'claimed' ? claimed.fence : null
      }
      if (fence === null) break
      let answer = await request(record, { completion: { key: record.key, fence, state: record.state, result } })
      if (!answer.ok && answer.error.kind === 'invalid') {
        // What the server will never take is not offered for ever: that it was done is told without what came of it.
        result = null
        answer = await request(record, { completion: { key: record.key, fence, state: record.state, result } })
        if (!answer.ok && answer.error.kind === 'invalid') break
      }
      if (answer.ok) break
      if (answer.error.kind !== 'fence' || isAgain) return false
    }
    return (await deps.ledger.change(record.id, { kind: 'synced' })).ok
  }

  return {
    load: () => chain.load(),
    state: () => state,
    claim,
    settle,
    retentionMs: () => retentionMs,
    noteOffline: () => enter('unreachable'),
    async ask(record) {
      if (!deps.network.online()) return err({ kind: 'unreachable' })
      const word = await withToken(ownerPrincipal(record), (token) => server.lookUp(record.key, token))
      if (!word.ok) return word
      return ok(word.value && { ...word.value, result: await openResult(record, word.value.result) })
    },
    async catchUp(principal) {
      for (let round = 0; round < LIMITS.chainRoundsMax && deps.network.online(); round++) {
        if (deps.time.isKnown() && !(await chain.isBehind(principal))) return
        const place = chain.place(principal)
        if (!(await sync(principal, [], [])).ok || chain.place(principal) === place) return
      }
    },
  }
}
