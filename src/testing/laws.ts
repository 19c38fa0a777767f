/** The laws, checked over what the world can see of a run. Nothing here asks the runtime what it thinks. */
import { canonical } from '../base/canonical.ts'
import { base64UrlToBytes } from '../base/bytes.ts'
import type { JsonObject } from '../base/json.ts'
import { FAILURES, failure, type Failure, type FailureCode } from '../protocol/failure.ts'
import * as LIMITS from '../protocol/limits.ts'
import type { LogLine, WorkerMessage } from '../protocol/messages.ts'
import type { ReceiptView } from '../protocol/views.ts'
import { ownerOf } from '../../sw/core/admit.ts'
import type { HttpOutcome } from '../../sw/ports/http-effect.ts'
import type { SyncRequest } from '../../sw/ports/receipt-server.ts'
import { TENANT } from './accounts.ts'
import { MARK, showsPlain, type Book, type Known } from './book.ts'
import type { Committed } from './disk.ts'
import type { Reply } from './host.ts'
import { asksPerson, checkCommit } from './law-rows.ts'
import type { GateWord } from './plan.ts'
import type { Site } from './site.ts'
import type { Worker } from './worker.ts'

type Sent = { readonly key?: string; readonly params: JsonObject }

export type Laws = ReturnType<typeof createLaws>

const OFF: ReadonlySet<GateWord> = new Set<GateWord>(['kill', 'safe-worker'])
const OPEN = new Set(['queued', 'awaiting-approval', 'held', 'unknown'])

/** What a stored gate says: a disabled build is a stop, whatever the newest document is. */
const versionOf = (value: unknown): { action: GateWord; version: number } | null => {
  const stored = value as { envOff?: unknown; document?: { action?: unknown; version?: unknown } | null } | null | undefined
  if (stored === null || stored === undefined) return null
  const version = typeof stored.document?.version === 'number' ? stored.document.version : 0
  const action = typeof stored.document?.action === 'string' ? (stored.document.action as GateWord) : 'run'
  return { action: stored.envOff === true ? 'kill' : action, version }
}

export function createLaws(site: () => Site, book: Book) {
  const world = (): Site['world'] => site().world
  const broke: Site['world']['broke'] = (law, text) => world().broke(law, text)
  const undoOf = (action: string): number | undefined =>
    site()
      .builds.map((actions) => actions[action])
      .find((declared) => declared !== undefined)?.undoMs

  const owners = new Map<string, string>()
  const tenantOwner = (user: string): string => {
    const there = owners.get(user)
    if (there !== undefined) return there
    const owner = ownerOf(world().plan.hasServer ? { tenant: TENANT, user } : { tenant: 'local', user: 'local' })
    owners.set(user, owner)
    return owner
  }

  /** Whether this worker had accepted a stop by an earlier moment than this one. */
  const isStopped = ({ generation }: Worker): boolean => {
    const accepted = book.accepted.get(generation)
    const offered = book.offered.get(generation)
    const now = world().scheduler.now()
    if (offered && OFF.has(offered.action) && offered.version > (accepted?.version ?? 0) && offered.since + 2 * LIMITS.flagTimeoutMs < now)
      return true
    return accepted !== undefined && OFF.has(accepted.action) && accepted.since < now
  }

  const rowsOf = (worker: Worker): Known[] => [...book.known.values()].filter(({ device }) => device === worker.device)

  function checkSend(worker: Worker, action: string, owner: string | null, { key, params }: Sent, what: string): Known | null {
    const text = canonical(params)
    const sameCall = rowsOf(worker).filter(({ record }) => record.call.action === action && canonical(record.call.params) === text)
    if (sameCall.length === 0) {
      broke(6, `${what}: what was sent was never admitted`)
      return null
    }
    const mine = owner === null ? sameCall : sameCall.filter(({ row }) => row.owner === owner)
    if (mine.length === 0) {
      broke(10, `${what}: another person’s work under this token`)
      return null
    }
    const found =
      key === undefined ? (mine.find(({ record }) => record.state === 'leased') ?? mine[0]) : mine.find(({ record }) => record.key === key)
    if (!found) {
      broke(5, `${what}: sent under a key that no admission stamped`)
      return null
    }
    const { record } = found
    if (record.state !== 'leased') broke(4, `${what}: sent in state ${record.state}`)
    else if (found.leaseSkewMs === worker.device.skewMs && (record.leaseUntil ?? 0) <= worker.device.now())
      broke(4, `${what}: sent after its lease had ended`)
    if (asksPerson(record, undoOf(action)) && !book.decided.has(`approve|${record.id}|${record.digest}`))
      broke(6, `${what}: sent without an approval of these bytes`)
    if (isStopped(worker)) broke(7, `${what}: sent though a stop had been accepted`)
    return found
  }

  const place = (worker: Worker, owner: string, key: string): string => `${worker.device.index}|${owner}|${key}`

  return {
    book,
    onCommit(worker: Worker, change: Committed): void {
      book.commits += 1
      const id = `${worker.device.index}|${change.row.id}`
      const before = book.known.get(id)
      const record = checkCommit({ world: world(), book, undoOf }, worker.device, change, before?.record ?? null)
      if (!record) return
      if (!before && isStopped(worker) && change.facts[0]?.kind === 'admitted') broke(7, 'admitted though a stop had been accepted')
      const kind = change.facts.at(-1)?.kind
      if (kind === 'leased' && isStopped(worker)) broke(7, 'leased though a stop had been accepted')
      const at = place(worker, change.row.owner, record.key)
      const told = book.told.get(`${worker.generation.name}|${at}`)
      if (kind === 'postponed' && told !== undefined) {
        // A disk that refused it has lost the wish; what is written later is another wait.
        if (told.since === world().scheduler.now()) book.floors.set(at, told.until)
        book.told.delete(`${worker.generation.name}|${at}`)
      }
      if (kind === 'revived' && record.state === 'ready' && record.failures === 0) {
        book.floors.delete(at)
        book.failures.delete(at)
      }
      book.known.set(id, {
        device: worker.device,
        id: change.row.id,
        record,
        row: change.row,
        admittedAt: before?.admittedAt ?? world().scheduler.now(),
        endedAt: world().scheduler.now(),
        wasRevived: (before?.wasRevived ?? false) || kind === 'revived',
        leaseSkewMs: kind === 'leased' ? worker.device.skewMs : (before?.leaseSkewMs ?? 0),
      })
    },
    onSend(worker: Worker, url: string, items: readonly Sent[], token: string | null): void {
      const user = world().plan.hasServer ? site().accounts.everOwner(token) : 'local'
      if (user === null) broke(10, `${url}: sent without a person’s token`)
      const owner = user === null ? null : tenantOwner(user)
      const inFlight = (book.inFlight.get(worker.generation) ?? 0) + 1
      book.inFlight.set(worker.generation, inFlight)
      if (inFlight > LIMITS.parallelEffectsMax) broke(9, `${inFlight} requests at once`)
      if (items.length > LIMITS.syncItemsMax) broke(9, `${items.length} items in one request`)
      const route = site().effects.get(url)
      if (!route) return broke(6, `${url}: no action declares this route`)
      for (const item of items) {
        const found = checkSend(worker, route.action, owner, item, `${url} ${item.key ?? ''}`)
        const floor = found ? (book.floors.get(place(worker, found.row.owner, found.record.key)) ?? 0) : 0
        // By a clock that was set, a wait may be over early; of two workers at once, one may not have heard.
        const isSteady = !world().plan.acts.some(({ kind }) => kind === 'clock') && world().plan.devices[worker.device.index]?.workers === 1
        if (floor > world().scheduler.now() && isSteady) broke(9, `${url}: sent again before the Retry-After it was given`)
      }
    },
    onAnswer(worker: Worker, key: string, token: string | null, outcome: HttpOutcome): void {
      const user = world().plan.hasServer ? site().accounts.everOwner(token) : 'local'
      if (user === null || outcome.kind === 'lost') return
      const at = place(worker, tenantOwner(user), key)
      const isLie = outcome.kind === 'answer' && outcome.status === 200 && (outcome.body as { ok?: unknown } | null)?.ok === true
      const isLater = isLie || outcome.kind === 'unreadable' || outcome.status >= 500 || [408, 409, 425, 429].includes(outcome.status)
      if (isLater) book.failures.set(at, (book.failures.get(at) ?? 0) + 1)
      if (isLater && outcome.waitMs !== undefined)
        book.told.set(`${worker.generation.name}|${at}`, {
          until: world().scheduler.now() + Math.min(Math.max(0, outcome.waitMs), LIMITS.retryAfterMsMax),
          since: world().scheduler.now(),
        })
    },
    onAnswered(worker: Worker): void {
      book.inFlight.set(worker.generation, (book.inFlight.get(worker.generation) ?? 1) - 1)
    },
    onDefinitive(_worker: Worker, _url: string, key: string, user: string): void {
      book.definitive.add(`${tenantOwner(user)}|${key}`)
    },
    onPageEffect(worker: Worker, message: WorkerMessage): void {
      if (message.type !== 'maestro:page-effect') return
      const route = site().effects.get(`page:${message.name}`)
      if (!route) return broke(6, `page ${message.name}: no action declares it`)
      // By its receipt: two people may have asked for the same.
      const asked = rowsOf(worker).find(({ record }) => record.id === message.id)
      const sent = { params: message.params as JsonObject, ...(asked && { key: asked.record.key }) }
      checkSend(worker, route.action, asked?.row.owner ?? null, sent, `page ${message.name}`)
    },
    onSync(worker: Worker, request: SyncRequest, token: string): void {
      const user = site().accounts.everOwner(token)
      if (isStopped(worker)) broke(7, 'maestro-sync was asked though a stop had been accepted')
      if (request.claims.length + request.completions.length + request.audit.length > LIMITS.syncItemsMax)
        broke(9, 'more than 500 items to maestro-sync')
      if (JSON.stringify(request).includes(MARK)) broke(10, 'plaintext in a request to maestro-sync')
      for (const { result } of request.completions) {
        const bytes = result === null ? null : base64UrlToBytes(result)
        if (bytes && showsPlain(bytes)) broke(10, 'a result in plaintext in a request to maestro-sync')
      }
      const owner = user === null ? null : tenantOwner(user)
      for (const claim of request.claims) {
        const found = rowsOf(worker).find(({ record, row }) => record.key === claim.key && row.owner === owner)
        if (!found) broke(5, 'a claim for a key that was not admitted under this token')
        else if (found.record.traceId !== claim.traceId || found.record.paramsDigest !== claim.paramsDigest)
          broke(1, 'a claim with other stamps than its admission')
      }
      for (const completion of request.completions) {
        const found = rowsOf(worker).find(({ record, row }) => record.key === completion.key && row.owner === owner)
        if (!found) broke(5, 'a completion for a key that was not admitted under this token')
        else if (found.record.state !== completion.state)
          broke(2, `the shared ledger was told ${completion.state} of a receipt that is ${found.record.state}`)
      }
    },
    /** What a drain leaves behind has a next event: a wake-up that the browser knows of. */
    onDrained({ device, generation }: Worker, isIdle: boolean): void {
      const { plan } = world()
      const isUnreadable = plan.faults.some(({ site: at }) => at === 'load' || at === 'keyring')
      const isHeld = !['run', 'drain'].includes(book.accepted.get(generation)?.action ?? 'run')
      if (isIdle || isUnreadable || isHeld || !generation.isAlive() || plan.devices[device.index]?.hasSync !== true || device.syncTries > 0) return
      if (!device.marker) broke(12, `device ${device.index}: a drain ended with work left, and nothing will wake it`)
    },
    onLog(line: LogLine): void {
      if (JSON.stringify(line).includes(MARK)) broke(10, 'a secret or a parameter in a log line')
    },
    onSecret(value: Uint8Array): void {
      if (!(value instanceof Uint8Array) || showsPlain(value)) broke(10, 'a secret kept in plaintext')
    },
    onGateSaved({ generation }: Worker, value: unknown): void {
      const said = versionOf(value)
      if (!said) return
      const held = book.accepted.get(generation)
      if (held && said.version < held.version) broke(7, 'an older kill document was stored over a newer one')
      if (held?.version === said.version && held.action === said.action) return
      book.accepted.set(generation, { ...said, since: world().scheduler.now() })
    },
    onGateOffered({ generation }: Worker, said: { action: GateWord; version: number }): void {
      const held = book.offered.get(generation)
      if (!held || said.version > held.version) book.offered.set(generation, { ...said, since: world().scheduler.now() })
    },
    onCommand(worker: Worker, name: string, args: unknown): void {
      if (name !== 'decide') return
      const { id, digest, verdict } = args as { id: string; digest: string; verdict: string }
      book.decided.add(verdict === 'approve' ? `approve|${id}|${digest}` : `deny|${id}`)
      void worker
    },
    onFault(name: string, error: unknown): Reply {
      world().trace.add(`${name} threw`, String(error))
      // A disk that refuses a secret may be told as a fault of the worker; nothing else may.
      if (!world().plan.faults.some(({ site: at }) => at === 'secrets')) broke(11, `${name} threw instead of failing: ${String(error)}`)
      return { ok: false, error: failure('WORKER_FAULT', name) }
    },
    onReply(worker: Worker, name: string, args: unknown, reply: Reply | null): void {
      if (reply === null) return
      const checkFailure = (why: Failure | undefined): void => {
        if (why && FAILURES[why.code as FailureCode] !== why.retry) broke(11, `${name}: failure ${why.code} has another class`)
      }
      world().trace.add(`reply ${name} ${reply.ok ? 'ok' : reply.error.code}`)
      if (!reply.ok) return checkFailure(reply.error)
      const view = (
        name === 'execute' ? (reply.value as { receipt: ReceiptView }).receipt : name === 'lookup' ? reply.value : null
      ) as ReceiptView | null
      if (!view) return
      checkFailure(view.failure)
      world().trace.add(`reply ${name} ${view.status}${view.failure ? ` ${view.failure.code}` : ''}`)
      if (OPEN.has(view.status) && (view.waitingFor === undefined || !Number.isFinite(view.dueAt)))
        broke(12, `${view.status} without a reason or a time`)
      const isKept = worker.device.disk.rows.has(view.id)
      if (name === 'execute' && view.digest !== '' && !isKept && worker.generation.isAlive())
        broke('lost', 'an answer told of a receipt that is not on disk')
      void args
    },
  }
}
