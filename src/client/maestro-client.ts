/**
 * MAESTRO in a page: asks the worker, shows what it says, owns nothing (law 12).
 *
 * C1 `execute` does not throw for what can be expected, and never waits for the network.
 * C2 Switches are read at every call; while MAESTRO is off nothing is registered, opened or asked.
 */
import { own } from '../base/own.ts'
import type { Json, JsonObject } from '../base/json.ts'
import type { Failure } from '../protocol/failure.ts'
import type { Delta, WorkerMessage } from '../protocol/messages.ts'
import type {
  AuditEntryView,
  AuditReport,
  Capsule,
  GateView,
  HealthReport,
  ImportReport,
  OutboxPage,
  ReceiptView,
  Snapshot,
} from '../protocol/views.ts'
import { TERMINAL } from '../protocol/views.ts'
import type { Answer } from '../protocol/messages.ts'
import { VERSION } from '../protocol/version.ts'
import type { Decision, ExecuteOptions, Executor, Handle, Maestro } from './api.ts'
import { failed } from './failed.ts'
import { closedHandle, createHandle, type LiveHandle } from './handle.ts'
import { keepAwake } from './keep-awake.ts'
import { printLine } from './page-console.ts'
import { register, type Registration } from './registration.ts'
import { createRemote, type Remote } from './remote.ts'
import { createSnapshotStore } from './snapshot-store.ts'
import { DISABLED_TEXT, isBuiltOn, isWindowOff } from './switches.ts'
import { uuidV7 } from './uuid-v7.ts'
import { createWorkerEndpoint } from './worker-endpoint.ts'

export type ConnectOptions = {
  /** The app's worker script, which calls `createMaestro`. */
  readonly worker: string
  readonly scope?: string
  /** Overrides the build's `VITE_MAESTRO_ENABLED`; only `true` enables. */
  readonly enabled?: boolean
  /** What actions do while MAESTRO is off; `stop` when not named. Needed here because an off page asks no worker. */
  readonly whenOff?: Readonly<Record<string, 'stop' | 'fallback'>>
}

/** How often the worker is told what came of a page effect before its outcome is left to be asked for. */
const PAGE_EFFECT_TELLS = 3

type Executed = { readonly receipt: ReceiptView; readonly idempotent: boolean }

const valueOr = <T>(answer: Answer<T>, otherwise: T): T => (answer.ok ? answer.value : otherwise)
const failureOf = (answer: Answer<unknown>): Failure | null => (answer.ok ? null : answer.error)

export class MaestroClient implements Maestro {
  readonly #options: ConnectOptions
  readonly #store = createSnapshotStore()
  /** By receipt id: another person's receipt under the same key is another receipt. */
  readonly #handles = new Map<string, Set<LiveHandle>>()
  readonly #pageEffects = new Map<string, (params: JsonObject) => Promise<Json> | Json>()
  #registration: Registration | null = null
  #remote: Remote | null = null
  #isWindowOffSaid = false

  private constructor(options: ConnectOptions) {
    this.#options = options
  }

  /** Registers the worker, waits until it controls this page, and reads the first snapshot. Off: does none of it. */
  static async connect(options: ConnectOptions): Promise<MaestroClient> {
    const client = new MaestroClient(options)
    if (client.#isPageOff()) await client.#staySilent()
    else await client.#start()
    return client
  }

  get snapshot(): Snapshot | null {
    return this.off === null || this.#remote !== null ? this.#store.get() : null
  }

  get off(): GateView['cause'] | null {
    if (!(this.#options.enabled ?? isBuiltOn())) return 'env'
    if (isWindowOff()) return 'window'
    const gate = this.#store.get()?.gate
    return gate && (gate.state === 'kill' || gate.state === 'safe-worker') ? gate.cause : null
  }

  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    return this.#store.subscribe(listener)
  }

  execute(action: string, params: JsonObject, options: ExecuteOptions = {}): Promise<Handle> {
    return this.#execute(action, params, options, null)
  }

  async agent(name: string): Promise<Executor & { readonly name: string }> {
    const answer = this.#isPageOff() ? null : await this.#ask<string>('agent', { name })
    const stopped = answer === null ? failed('AGENT_STOPPED', 'later', 'agents are stopped while MAESTRO is off') : failureOf(answer)
    const capability = answer?.ok ? answer.value : null
    return {
      name,
      execute: (action, params, options = {}) =>
        capability === null
          ? Promise.resolve(
              closedHandle({
                key: options.key ?? uuidV7(),
                status: stopped?.code === 'AGENT_STOPPED' ? 'disabled' : 'refused',
                ...(stopped ? { failure: stopped } : {}),
              }),
            )
          : this.#execute(action, params, options, capability),
    }
  }

  async signIn(credentials: { readonly email: string; readonly password: string }): Promise<Failure | null> {
    const refused = failureOf(await this.#ask('signIn', { email: credentials.email, password: credentials.password }))
    await this.#refresh()
    return refused
  }

  async signOut(): Promise<void> {
    await this.#ask('signOut', {})
    await this.#refresh()
  }

  async receipt(key: string): Promise<ReceiptView | null> {
    return valueOr(await this.#ask<ReceiptView | null>('lookup', { key }), null)
  }

  async handle(key: string): Promise<Handle | null> {
    const receipt = await this.receipt(key)
    return receipt ? this.#follow(receipt, true) : null
  }

  async decide(decision: Decision): Promise<Failure | null> {
    return failureOf(await this.#ask('decide', { ...decision }))
  }

  async retry(key: string): Promise<Failure | null> {
    return failureOf(await this.#ask('retry', { key }))
  }

  async discard(key: string): Promise<Failure | null> {
    return failureOf(await this.#ask('discard', { key }))
  }

  async outbox(options: { readonly after?: number; readonly limit?: number } = {}): Promise<OutboxPage> {
    const answer = await this.#ask<OutboxPage>('outbox', { limit: 100, ...options })
    if (!answer.ok) throw new Error(answer.error.message, { cause: answer.error })
    return answer.value
  }

  async edit(key: string, params: JsonObject, options: { readonly key?: string } = {}): Promise<Handle> {
    const dead = await this.receipt(key)
    if (dead) return this.#execute(dead.action, params, options, null, key)
    return closedHandle({ key: options.key ?? key, status: 'refused', failure: failed('RECEIPT_UNKNOWN', 'never', 'no receipt has this key') })
  }

  async export(options: { readonly keys?: readonly string[] } = {}): Promise<Capsule | Failure> {
    const answer = await this.#ask<Capsule>('export', options)
    return answer.ok ? answer.value : answer.error
  }

  async import({ capsule, code }: { readonly capsule: string; readonly code: string }): Promise<ImportReport | Failure> {
    const answer = await this.#ask<ImportReport>('import', { capsule, code })
    return answer.ok ? answer.value : answer.error
  }

  async audit(options: { readonly limit?: number } = {}): Promise<readonly AuditEntryView[]> {
    return valueOr(await this.#ask<readonly AuditEntryView[]>('audit', { limit: options.limit ?? 100 }), [])
  }

  async verifyAudit(): Promise<AuditReport> {
    const answer = await this.#ask<AuditReport>('verifyAudit', {})
    return answer.ok ? answer.value : { intact: false, entries: 0, head: '', why: answer.error.message }
  }

  async health(): Promise<HealthReport> {
    if (this.off !== null) return { status: 'disabled', maestro_enabled: false }
    const answer = await this.#ask<HealthReport>('health', {})
    return answer.ok ? answer.value : { status: 'unhealthy', maestro_enabled: true, version: VERSION }
  }

  async refreshGate(): Promise<void> {
    if (!this.#isPageOff()) await this.#ask('refreshGate', {})
  }

  command<T>(name: string, args: Record<string, unknown> = {}): Promise<Answer<T>> {
    return this.#isPageOff() ? Promise.resolve({ ok: false, error: failed('DISABLED', 'later', 'MAESTRO is off') }) : this.#ask<T>(name, args)
  }

  infer(model: string, inputs: Record<string, unknown>): Promise<Answer<Json>> {
    return this.command('infer', { model, inputs })
  }

  onPageEffect(name: string, handler: (params: JsonObject) => Promise<Json> | Json): () => void {
    this.#pageEffects.set(name, handler)
    return () => this.#pageEffects.delete(name)
  }

  handOver(): void {
    this.#registration?.handOver()
  }

  #isPageOff(): boolean {
    const isOff = !(this.#options.enabled ?? isBuiltOn()) || isWindowOff()
    if (isWindowOff() !== this.#isWindowOffSaid) {
      this.#isWindowOffSaid = isWindowOff()
      if (this.#isWindowOffSaid) printLine({ level: 'info', text: DISABLED_TEXT.window })
      navigator.serviceWorker?.controller?.postMessage({ type: 'maestro:gate-window', off: this.#isWindowOffSaid })
    }
    return isOff
  }

  /** Off: no worker is registered; one that an earlier build left behind is told. */
  async #staySilent(): Promise<void> {
    if (this.#options.enabled ?? isBuiltOn()) return
    printLine({ level: 'info', text: DISABLED_TEXT.env })
    const registration = await navigator.serviceWorker?.getRegistration(this.#options.scope)
    for (const worker of [registration?.active, registration?.waiting]) worker?.postMessage({ type: 'maestro:gate-env-off' })
  }

  async #start(): Promise<void> {
    const { serviceWorker } = navigator
    let onGone = (): void => undefined
    const endpoint = createWorkerEndpoint(
      () => this.#registration?.worker() ?? null,
      () => this.#registration?.inCharge() ?? null,
      () => void this.#refresh(),
      () => onGone(),
    )
    serviceWorker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
      if (data?.type === 'maestro:reply') endpoint.receive(data)
      else if (data?.type === 'maestro:log') printLine(data.line)
      else if (data?.type === 'maestro:delta') this.#hear(data.delta)
      else if (data?.type === 'maestro:page-effect') void this.#runPageEffect(data)
    })
    serviceWorker.startMessages()
    this.#registration = await register(this.#options.worker, this.#options.scope)
    this.#remote = createRemote(endpoint)
    this.#store.subscribe((snapshot) => this.#follows(snapshot))
    const [hello, snapshot] = await Promise.all([this.#ask<{ gate: GateView }>('hello', { build: VERSION }), this.#ask<Snapshot>('snapshot', {})])
    for (const answer of [hello, snapshot])
      if (!answer.ok) throw new Error(`[MAESTRO] Initialization failed: ${answer.error.code}`, { cause: answer.error })
    if (snapshot.ok) this.#store.set(snapshot.value)
    // The page came by the network: what waited for it may go on.
    if (this.off === null) void this.#ask('wake', { network: true })
    serviceWorker.addEventListener('controllerchange', () => void this.#refresh())
    onGone = keepAwake(
      () => this.#store.get(),
      (what, args) => void (this.#isPageOff() || this.#ask(what, args)),
    )
    const { off } = this
    if (off === null) printLine({ level: 'info', text: '[MAESTRO] Initialized successfully' })
    else if (off === 'remote') printLine({ level: 'info', text: `[MAESTRO] Disabled by remote flag (version ${this.#store.get()?.gate.version})` })
    else if (off === 'env') printLine({ level: 'info', text: DISABLED_TEXT.env })
  }

  async #ask<T>(name: string, args: Record<string, unknown>): Promise<Answer<T>> {
    if (!this.#remote) return { ok: false, error: failed('DISABLED', 'later', 'MAESTRO is off') }
    return this.#remote<T>(name, args)
  }

  async #refresh(): Promise<void> {
    const answer = await this.#ask<Snapshot>('snapshot', {})
    if (!answer.ok) return
    this.#store.set(answer.value)
    // What a snapshot has no room for is asked by key, so that no handle is left behind.
    const shown = new Set(answer.value.receipts.map(({ id }) => id))
    for (const [id, [handle]] of this.#handles) {
      const receipt = handle && !shown.has(id) ? await this.receipt(handle.key) : null
      if (receipt) this.#tell(receipt)
    }
  }

  #hear(delta: Delta): void {
    const isWhole = this.#store.apply(delta)
    // Not by way of the snapshot, which has room for the newest only.
    for (const receipt of delta.receipts) this.#tell(receipt)
    if (!isWhole) void this.#refresh()
  }

  #follows(snapshot: Snapshot): void {
    for (const receipt of snapshot.receipts) this.#tell(receipt)
  }

  #tell(receipt: ReceiptView): void {
    const handles = this.#handles.get(receipt.id)
    if (!handles) return
    for (const handle of handles) handle.update(receipt)
    if (TERMINAL.has(receipt.status)) this.#handles.delete(receipt.id)
  }

  #follow(receipt: ReceiptView, idempotent: boolean): Handle {
    const shown = this.#store.find(receipt.id)
    const newer = shown && shown.updatedAt > receipt.updatedAt ? shown : null
    const isOfLedger = receipt.digest !== ''
    // Whoever was answered finds the receipt in the snapshot, though its delta is still under way.
    if (isOfLedger && !newer) this.#store.absorb(receipt)
    const handle = createHandle((isOfLedger && newer) || receipt, idempotent, async (key) =>
      valueOr(await this.#ask<boolean>('cancel', { key }), false),
    )
    if (!TERMINAL.has(handle.status)) {
      const handles = this.#handles.get(receipt.id) ?? new Set()
      this.#handles.set(receipt.id, handles.add(handle))
    }
    return handle
  }

  async #execute(action: string, params: JsonObject, options: ExecuteOptions, capability: string | null, replaces?: string): Promise<Handle> {
    // `null` is a key that went missing, not a wish for a new one: the worker refuses it.
    const key = options.key === undefined ? uuidV7() : options.key
    const isUser = capability === null
    if (this.#isPageOff()) return this.#whenOff(action, key, options, isUser)
    const answer = await this.#ask<Executed>('execute', {
      action,
      params,
      key,
      ...(options.sources === undefined ? {} : { sources: options.sources }),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.confidence === undefined ? {} : { confidence: options.confidence }),
      ...(capability === null ? {} : { capability }),
      ...(replaces === undefined ? {} : { replaces }),
    })
    if (answer.ok && answer.value.receipt.status === 'disabled') return this.#whenOff(action, key, options, isUser)
    if (answer.ok) return this.#follow(answer.value.receipt, answer.value.idempotent)
    // No answer is not a refusal: the intent may be durable, and the same key asks again.
    const isUnknown = answer.error.code === 'WORKER_UNREACHABLE' || answer.error.code === 'WORKER_FAULT'
    return closedHandle({ key, status: isUnknown ? 'unknown' : 'refused', failure: answer.error })
  }

  async #whenOff(action: string, key: string, options: ExecuteOptions, isUser: boolean): Promise<Handle> {
    const declared = own(this.#options.whenOff ?? {}, action)
    if (isUser && declared === 'fallback' && options.fallback) {
      return closedHandle({ key, status: 'done', result: (await options.fallback()) as Json })
    }
    const why = isUser ? failed('DISABLED', 'later', 'MAESTRO is off') : failed('AGENT_STOPPED', 'later', 'agents are stopped while MAESTRO is off')
    return closedHandle({ key, status: 'disabled', failure: why })
  }

  async #runPageEffect({ id, attempt, name, params }: Extract<WorkerMessage, { type: 'maestro:page-effect' }>): Promise<void> {
    const outcome = await this.#outcomeOf(name, params as JsonObject)
    for (let tries = 0; tries < PAGE_EFFECT_TELLS; tries++) {
      const told = await this.#ask('pageEffect', { id, attempt, outcome })
      if (told.ok) return
      // It ran; only what it gave cannot be carried.
      if (told.error.code === 'PARAMS_NOT_JSON') Object.assign(outcome, { value: null })
    }
  }

  async #outcomeOf(name: string, params: JsonObject): Promise<{ ok: boolean; value?: unknown; message?: string; declined?: true }> {
    const handler = this.#pageEffects.get(name)
    if (!handler) return { ok: false, declined: true }
    try {
      return { ok: true, value: await handler(params) }
    } catch {
      return { ok: false, message: `${name} failed in the page` }
    }
  }
}
