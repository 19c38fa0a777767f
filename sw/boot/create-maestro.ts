/// <reference lib="webworker" />
/**
 * The worker's composition root: adds MAESTRO's listeners beside the app's own, synchronously, because a service worker
 * must have them all when its script has run.
 */
import type { Directories } from '../../src/policy/lane-rules.ts'
import type { PageMessage, RpcMessage } from '../../src/protocol/messages.ts'
import type { GateView } from '../../src/protocol/views.ts'
import { createCacheGateStore } from '../adapters/cache-gate-store.ts'
import { createFetchFlagSource } from '../adapters/fetch-flag-source.ts'
import { createFetchHttpEffect } from '../adapters/fetch-http-effect.ts'
import { createIdbLedgerStore } from '../adapters/idb-ledger-store.ts'
import { LEDGER } from '../adapters/ledger-database.ts'
import { createSecretStore } from '../adapters/secrets-database-store.ts'
import { createSecretsDatabase, SECRETS } from '../adapters/secrets-database.ts'
import { createWebCryptoKeyring } from '../adapters/webcrypto-keyring.ts'
import { createWorkboxWake } from '../adapters/workbox-wake.ts'
import { browserNetwork, systemClock, systemRandom, webLock, windowPages } from '../adapters/worker-globals.ts'
import type { Actions } from '../ports/action.ts'
import type { Log } from '../ports/log.ts'
import { forWindow, isOff } from '../core/gate-state.ts'
import type { Kit } from '../runtime/kit.ts'
import { inTime } from '../runtime/in-time.ts'
import type { RescueKit } from '../runtime/kits.ts'
import { createRuntime } from '../runtime/runtime.ts'
import { buildSwitch } from './build-switch.ts'
import { serveCall } from './serve-call.ts'
import type { MaestroServer } from './supabase.ts'

declare const self: ServiceWorkerGlobalScope

export type MaestroOptions = {
  /** The allowlist: what is not in it is BLOCKED. */
  readonly actions: Actions
  /** Names the app itself vouches for, for rules like "to people in contacts". */
  readonly directories?: Directories
  /** The shared ledger: `supabase({ url, anonKey })` of `maestro-sw/supabase`. Without it everything stays on this device. */
  readonly server?: MaestroServer
  /** Moving unsent work to another browser: `rescueCapsule` of `maestro-sw/rescue`. */
  readonly rescue?: RescueKit
  /** What else it can do: `provenance()`, `passkeys()`, `killswitch(…)`, `memory()`… each an entry of the package. */
  readonly kits?: readonly Kit[]
  /** Overrides the build's `VITE_MAESTRO_ENABLED`, for bundlers that have no `import.meta.env`. Only `true` enables. */
  readonly enabled?: boolean
}

/** Registers MAESTRO in the worker that calls it. Call once, at the top level. */
export function createMaestro(options: MaestroOptions): void {
  const boot = systemRandom.hex(8)
  // Pages queue for this lock: getting it tells them within milliseconds that this worker is gone, so they call again.
  void navigator.locks.request(`maestro-alive-${boot}`, () => new Promise<never>(() => undefined))
  /** In charge, and not just arrived: `undefined` where the browser does not say. */
  const isInCharge = (self.serviceWorker as ServiceWorker | undefined)?.state === 'activated'
  const gateStore = createCacheGateStore()
  // What a start waits for is on its way while the rest is put together.
  const found = isInCharge ? (async () => indexedDB.databases())() : null
  if (found) gateStore.load().catch(() => undefined)
  const pages = windowPages(self)
  const log: Log = { line: (line) => void pages.broadcast({ type: 'maestro:log', line }) }
  const database = createSecretsDatabase()
  const store = createIdbLedgerStore()
  const offWindows = new Set<string>()

  const runtime = createRuntime(
    {
      log,
      pages,
      clock: systemClock,
      random: systemRandom,
      network: browserNetwork,
      lock: webLock,
      keyring: createWebCryptoKeyring({ log, lock: webLock, database }),
      secrets: createSecretStore(database),
      store,
      gateStore,
      flags: createFetchFlagSource(options.server?.url ?? null),
      http: createFetchHttpEffect(),
      wake: createWorkboxWake(() => wakeUp()),
      server: options.server ?? null,
      rescue: options.rescue ?? null,
      kits: options.kits ?? [],
    },
    {
      actions: options.actions,
      directories: options.directories ?? {},
      origin: self.location.origin,
      boot,
      isBuiltOn: options.enabled ?? buildSwitch() === 'true',
    },
  )

  async function wakeUp(): Promise<boolean> {
    await runtime.prepare()
    return runtime.pump.drain({ isNetworkBack: true })
  }

  /**
   * A worker that was stopped opens what lies on this device while its event is still on the way. Nothing is made here, nothing is
   * opened while MAESTRO is off, and a worker that is not in charge does nothing before its first event.
   */
  async function warmUp(databases: Promise<IDBDatabaseInfo[]>): Promise<void> {
    const [there] = await Promise.all([databases, runtime.gate.load()])
    // Whoever waits for no more than the gate is answered first.
    await new Promise((resolve) => setTimeout(resolve))
    if (isOff(runtime.gate.view())) return
    const names = there.map(({ name }) => name)
    if (!names.includes(SECRETS)) return
    if (names.includes(LEDGER)) void runtime.begin()
    await runtime.prepare()
  }
  if (found) void warmUp(found).catch(() => undefined)

  const gateFor = (isWindowOff: boolean): GateView => forWindow(runtime.gate.view(), isWindowOff)

  async function answer(event: ExtendableMessageEvent, data: RpcMessage): Promise<void> {
    const calls: readonly unknown[] = Array.isArray(data.messages) ? data.messages : []
    let answers: unknown[] = []
    const reply = (): void => {
      if (answers.length > 0) pages.answer(event, { type: 'maestro:reply', boot, hears: true, messages: answers })
      answers = []
    }
    await runtime.gate.load()
    const gate = gateFor(data.windowOff === true)
    await Promise.all(
      calls.map((call) =>
        serveCall(call, data.protocol, { gate }, runtime, (message) => {
          // What ends in one turn is told in one message; the last is not kept waiting.
          if (answers.push(message) === 1 && calls.length > 1) setTimeout(reply)
        }),
      ),
    )
    reply()
    // Work that a call set off must outlive the call.
    if (gate.state !== 'kill') await runtime.pump.idle()
  }

  self.addEventListener('install', (event) => {
    // A first install takes over at once; an update waits for its hand-over, so that no live lease is cut off.
    if (self.registration.active === null) event.waitUntil(self.skipWaiting())
  })

  self.addEventListener('activate', (event) => {
    event.waitUntil(self.clients.matchAll({ type: 'window' }).then((controlled) => (controlled.length === 0 ? self.clients.claim() : undefined)))
  })

  let working = Promise.resolve()

  function hear(event: ExtendableMessageEvent, message: unknown): void {
    // Whatever it is: what has none of these types is not for us.
    const data = Object(message) as PageMessage
    const work =
      data.type === 'maestro:rpc'
        ? answer(event, data)
        : data.type === 'maestro:gate-env-off'
          ? runtime.gate.load().then(() => runtime.gate.envOff())
          : // A hand-over waits for what is under way, and the browser for the old worker's events, which may wait for this lock: not for ever.
            data.type === 'SKIP_WAITING' && webLock.hold('maestro-pump', () => inTime(() => self.skipWaiting()))
    if (data.type === 'maestro:gate-window') offWindows[data.off ? 'add' : 'delete']((Object(event.source) as Client).id)
    // No call that fails ends the wait for another, and nothing of what was answered is kept.
    working = Promise.allSettled([working, work]).then(() => undefined)
  }

  self.addEventListener('message', (event) => {
    pages.heard(event, ({ data }) => hear(event, data))
    hear(event, event.data)
    // Also for what came through a port just before: the page sends an event after it.
    event.waitUntil(working)
  })

  async function health(event: FetchEvent, url: URL): Promise<Response> {
    await runtime.gate.load()
    const gate = gateFor(offWindows.has(event.clientId))
    const report = url.searchParams.has('verbose') ? await runtime.verboseHealth(gate) : await runtime.health(gate)
    return new Response(JSON.stringify(report), {
      status: report.status === 'unhealthy' ? 503 : 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    })
  }

  self.addEventListener('fetch', (event) => {
    const url = new URL(event.request.url)
    if (url.origin !== self.location.origin) return
    if (url.pathname === '/maestro-health' && event.request.method === 'GET') event.respondWith(health(event, url))
    else if (event.request.mode === 'navigate') event.waitUntil(wakeUp())
  })

  self.addEventListener('online', () => void wakeUp().catch(() => undefined))
}
