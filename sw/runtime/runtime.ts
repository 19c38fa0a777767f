/** Puts the runtime's parts together over the ports. Nothing here touches the world; nothing happens before the first event. */
import type { Directories } from '../../src/policy/lane-rules.ts'
import { VERSION } from '../../src/protocol/version.ts'
import type { GateView, HealthReport, Principal } from '../../src/protocol/views.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { declaredOf } from '../core/action-of.ts'
import { isOff } from '../core/gate-state.ts'
import { blockers } from '../core/next-due.ts'
import { guaranteeOf, type Surroundings } from '../core/project.ts'
import { ownerPrincipal } from '../core/receipt-record.ts'
import type { Actions } from '../ports/action.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { FlagSourceDep } from '../ports/flag-source.ts'
import type { GateStoreDep } from '../ports/gate-store.ts'
import type { HttpEffectDep } from '../ports/http-effect.ts'
import type { KeyringDep } from '../ports/keyring.ts'
import type { LedgerStoreDep } from '../ports/ledger-store.ts'
import type { LockDep } from '../ports/lock.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'
import type { PagesDep } from '../ports/pages.ts'
import type { RandomDep } from '../ports/random.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'
import type { WakeDep } from '../ports/wake.ts'
import { createAttempt } from './attempt.ts'
import { createCommands, type Commands } from './commands.ts'
import { createCounters } from './counters.ts'
import { createExecute } from './execute.ts'
import { createStamp } from './create-stamp.ts'
import { createGate, type Gate } from './gate.ts'
import { createGrants } from './grants.ts'
import { allOf, type Hooks, type Kit } from './kit.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createOutcomes } from './outcomes.ts'
import { createPump, type Pump } from './pump.ts'
import { createReporter } from './reporter.ts'
import { createSendHttp } from './send-http.ts'
import type { RescueKit, ServerKit } from './kits.ts'
import { localLedger, localSession } from './local-only.ts'
import { createServerTime } from './server-time.ts'

/** After a start has shown what it found. */
const QUIET_MS = 1_000

export type RuntimePorts = ClockDep &
  FlagSourceDep &
  GateStoreDep &
  HttpEffectDep &
  KeyringDep &
  LedgerStoreDep &
  LockDep &
  LogDep &
  NetworkDep &
  PagesDep &
  RandomDep &
  SecretStoreDep &
  WakeDep & {
    readonly server: ServerKit | null
    readonly rescue: RescueKit | null
    readonly kits: readonly Kit[]
  }

export type RuntimeOptions = {
  /** This worker's own name. */
  readonly boot: string
  readonly actions: Actions
  readonly directories: Directories
  readonly origin: string
  readonly isBuiltOn: boolean
}

export type VerboseHealth = HealthReport & {
  readonly crypto_initialized: boolean
  readonly receipt_claims_today: number
  readonly blocked_operations: number
  readonly man_mode_escalations: number
  readonly sync_success_rate: number | null
}

export type Runtime = {
  readonly commands: Commands
  readonly kits: Hooks['commands']
  readonly gate: Gate
  readonly pump: Pump
  health(gate: GateView): Promise<HealthReport>
  verboseHealth(gate: GateView): Promise<VerboseHealth>
  /** Reads the ledger as far as an admission needs it. */
  begin: Ledger['begin']
  /** Loads what a cold worker must know before it acts on its own. */
  prepare(): Promise<void>
}

export function createRuntime(ports: RuntimePorts, options: RuntimeOptions): Runtime {
  const { clock, keyring, network, secrets } = ports
  const hasServer = ports.server !== null
  let isDurable = true
  let isCryptoReady = false

  const gate = createGate(ports, { isBuiltOn: options.isBuiltOn, hasRemote: hasServer, onChange: () => (changed(), poke()) })
  const session =
    ports.server?.createSession({ clock, keyring, network, secrets, auth: ports.server.auth, onChange: () => changed() }) ?? localSession
  const principal = (): Principal | null => session.principal()
  const needsSignIn = (): boolean => session.needsSignIn()
  const gateNow = (): GateView => gate.view()
  const counters = createCounters(ports)
  const time = createServerTime(ports, hasServer)
  const surroundings = (): Surroundings => {
    const person = principal()
    return {
      gate: gateNow(),
      online: network.online(),
      signedIn: person !== null && !needsSignIn(),
      isStopped: hooks.holds,
      isKnown: (record) => declaredOf(options.actions, record) !== undefined,
      guaranteeOf: (record) => guaranteeOf(declaredOf(options.actions, record)?.effect),
      blockedBy: blockers(() => (person ? ledger.waiting(person) : [])),
    }
  }
  const ledger: Ledger = createLedger({
    ...ports,
    onChange(held, isRead) {
      if (held) hooks.changed(held.record)
      // What lay here is told once, as far as a snapshot has room for it.
      if (!isRead) reporter.changed(held)
    },
  })
  const server =
    ports.server?.createLedger({
      ...ports,
      server: ports.server.receipts((version) => gate.hint(version)),
      session,
      counters,
      ledger,
      gate,
      time,
      digest: (record) => hooks.digest(record),
      onChange: () => changed(),
    }) ?? localLedger(ledger)
  const hooks = allOf(
    ports.kits.map((kit) =>
      kit({
        ...ports,
        ...options,
        ledger,
        gate,
        time,
        counters,
        principal,
        async token(owner) {
          const said = await session.token(owner)
          return said.kind === 'token' ? said.token : null
        },
        changed: () => changed(),
        poke: () => poke(),
      }),
    ),
  )
  const parts = {
    ...ports,
    ...options,
    hasServer,
    counters,
    gate,
    gateNow,
    hooks,
    ledger,
    needsSignIn,
    principal,
    server,
    session,
    surroundings,
    time,
  }
  const reporter = createReporter({ ...parts, isDurable: () => isDurable })
  const changed = (): void => reporter.changed()
  const outcomes = createOutcomes(parts)
  const grants = createGrants({ ...parts, outcomes })
  const http = createSendHttp({ ...parts, outcomes })
  const attempt = createAttempt({ ...parts, grants, http, outcomes })
  const pump = createPump({ ...parts, alone: http.alone, attempt, prepare: () => (isPrepared ? null : prepare()) })
  const poke = (hint?: { readonly isNetworkBack: boolean }): void => void pump.drain(hint)
  const stamp = createStamp(parts)
  const rescue = ports.rescue?.createRescue({ ...parts, cipher: ports.rescue.cipher, stamp }) ?? null
  const execute = createExecute({
    ...parts,
    stamp,
    onAdmitted: async (record) => {
      const { state, dueAt } = record
      // What is due later than this worker could stay awake for has its own wake-ups; what a person must decide has theirs.
      if (state !== 'awaiting-approval' && dueAt - clock.now() <= LIMITS.lingerMs) poke()
      // That a person is asked is in the device's report, and operators need not wait for the next work to see it.
      if (state === 'awaiting-approval') void server.catchUp(ownerPrincipal(record))
      // The browser must know of waiting work before anything can kill us; offline, before anybody is told that it is safe.
      const marked = state === 'ready' ? ports.wake.request() : undefined
      if (network.online()) return
      server.noteOffline()
      await marked
    },
  })

  async function comb(): Promise<void> {
    await clock.sleep(QUIET_MS, new AbortController().signal)
    await ledger.lookForStrays()
    changed()
  }

  async function checkCrypto(): Promise<void> {
    const started = await keyring.start()
    isCryptoReady = started.ok
    isDurable = started.ok && started.value.durable
  }

  let preparing: Promise<boolean> | null = null
  let isPrepared = false
  async function prepare(): Promise<void> {
    await gate.load()
    if (isOff(gate.view())) return
    // Nothing of the three waits for another; what cannot be opened makes nothing.
    preparing ??= Promise.all([checkCrypto(), server.load(), session.load()]).then(() => hooks.start())
    try {
      isPrepared = (await preparing) && isCryptoReady
    } finally {
      if (!isPrepared) preparing = null
    }
  }

  async function health(view: GateView): Promise<HealthReport> {
    if (isOff(view)) return { status: 'disabled', maestro_enabled: false }
    await prepare()
    return { status: isCryptoReady ? 'healthy' : 'unhealthy', maestro_enabled: true, version: VERSION }
  }

  return {
    gate,
    kits: hooks.commands,
    pump,
    begin: ledger.begin,
    prepare,
    health,
    verboseHealth: async (view) => ({ ...(await health(view)), ...counters.report(isCryptoReady) }),
    commands: createCommands({ ...parts, comb, execute, health, poke, reporter, rescue }),
  }
}
