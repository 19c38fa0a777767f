/** Puts the runtime's parts together over the ports. Nothing here touches the world; nothing happens before the first event. */
import type { Directories } from '../../src/policy/lane-rules.ts'
import { VERSION } from '../../src/protocol/version.ts'
import type { GateView, HealthReport } from '../../src/protocol/views.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import { declaredOf } from '../core/action-of.ts'
import { blockedBy } from '../core/next-due.ts'
import { guaranteeOf, type Surroundings } from '../core/project.ts'
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
import { createGate, isOff, type Gate } from './gate.ts'
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
  readonly boot: string
  readonly commands: Commands
  readonly kits: Hooks['commands']
  readonly gate: Gate
  readonly pump: Pump
  health(gate: GateView): Promise<HealthReport>
  verboseHealth(gate: GateView): Promise<VerboseHealth>
  /** Loads what a cold worker must know before it acts on its own. */
  prepare(): Promise<void>
}

export function createRuntime(ports: RuntimePorts, options: RuntimeOptions): Runtime {
  const boot = ports.random.hex(8)
  const { clock, keyring, network, secrets } = ports
  let isDurable = true
  let isCryptoReady = false

  const gate = createGate(ports, { isBuiltOn: options.isBuiltOn, hasRemote: ports.server !== null, onChange: () => void onGateChange() })
  const session =
    ports.server?.createSession({ clock, keyring, network, secrets, auth: ports.server.auth, onChange: () => reporter.changed() }) ?? localSession
  const counters = createCounters(ports)
  const time = createServerTime(ports, ports.server !== null)
  const surroundings = (): Surroundings => {
    const principal = session.principal()
    return {
      gate: gate.view(),
      online: network.online(),
      signedIn: principal !== null && !session.needsSignIn(),
      isKnown: (record) => declaredOf(options.actions, record) !== undefined,
      guaranteeOf: (record) => guaranteeOf(declaredOf(options.actions, record)?.effect),
      blockedBy: (record) => (principal === null ? null : blockedBy(record, ledger.waiting(principal))),
    }
  }
  const ledger: Ledger = createLedger({
    ...ports,
    onChange(held) {
      hooks.changed(held.record)
      reporter.changed(held)
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
      onChange: () => reporter.changed(),
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
        principal: () => session.principal(),
        async token() {
          const principal = session.principal()
          const token = principal && (await session.token(principal))
          return token?.kind === 'token' ? token.token : null
        },
        changed: () => reporter.changed(),
        poke: () => poke(),
      }),
    ),
  )
  const reporter = createReporter({
    ...ports,
    hooks,
    boot,
    actions: options.actions,
    ledger: () => ledger,
    principal: () => session.principal(),
    surroundings,
    sync: () => server.state(),
    isDurable: () => isDurable,
    needsSignIn: () => session.needsSignIn(),
  })
  const hasServer = ports.server !== null
  const outcomes = createOutcomes({ ...ports, ledger })
  const grants = createGrants({ ...ports, hasServer, gate, hooks, outcomes, server, time })
  const http = createSendHttp({ ...ports, hasServer, gate, hooks, outcomes, session })
  const attempt = createAttempt({ ...ports, actions: options.actions, gate, grants, http, outcomes, server })
  const pump = createPump({
    ...ports,
    actions: options.actions,
    attempt,
    gate,
    ledger,
    server,
    time,
    principal: () => session.principal(),
    needsSignIn: () => session.needsSignIn(),
  })
  const rescue = ports.rescue?.createRescue({ ...ports, ...options, cipher: ports.rescue.cipher, ledger, time, gateNow: () => gate.view() }) ?? null
  const poke = (hint?: { readonly isNetworkBack: boolean }): void => void pump.drain(hint)
  const execute = createExecute({
    ...ports,
    ...options,
    hooks,
    ledger,
    session,
    counters,
    surroundings,
    time,
    gateNow: () => gate.view(),
    onAdmitted: async (record) => {
      // What is due later than this worker could stay awake for has its own wake-ups.
      if (record.dueAt - clock.now() <= LIMITS.lingerMs) poke()
      // The browser must know of waiting work before anything can kill us; offline, before anybody is told that it is safe.
      const marked = record.state === 'ready' ? ports.wake.request() : undefined
      if (network.online()) return
      server.noteOffline()
      await marked
    },
  })

  async function comb(): Promise<void> {
    await clock.sleep(QUIET_MS, new AbortController().signal)
    await ledger.lookForStrays()
    reporter.changed()
  }

  async function onGateChange(): Promise<void> {
    reporter.changed()
    poke()
  }

  async function checkCrypto(): Promise<boolean> {
    const started = await keyring.start()
    isCryptoReady = started.ok
    isDurable = started.ok ? started.value.durable : false
    return isCryptoReady
  }

  let preparing: Promise<unknown> | null = null
  async function prepare(): Promise<void> {
    await gate.load()
    if (isOff(gate.view())) return
    // Nothing of the three waits for another; what cannot be opened makes nothing.
    preparing ??= Promise.all([checkCrypto(), server.load(), session.load()]).then(() => hooks.start())
    try {
      await preparing
    } finally {
      if (!isCryptoReady) preparing = null
    }
  }

  async function health(view: GateView): Promise<HealthReport> {
    if (isOff(view)) return { status: 'disabled', maestro_enabled: false }
    await prepare()
    return { status: isCryptoReady ? 'healthy' : 'unhealthy', maestro_enabled: true, version: VERSION }
  }

  return {
    boot,
    gate,
    kits: hooks.commands,
    pump,
    prepare,
    health,
    verboseHealth: async (view) => {
      const base = await health(view)
      const { crypto_initialized, receipt_claims_today, blocked_operations, man_mode_escalations, sync_success_rate } = counters.report(isCryptoReady)
      return { ...base, crypto_initialized, receipt_claims_today, blocked_operations, man_mode_escalations, sync_success_rate }
    },
    commands: createCommands({
      ...ports,
      actions: options.actions,
      execute,
      gate,
      hooks,
      ledger,
      reporter,
      rescue,
      session,
      surroundings,
      health,
      poke,
      comb,
    }),
  }
}
