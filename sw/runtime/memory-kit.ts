/** The memory kit's parts put together: commands over `TieredMemory`, the account's keys and the server. */
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { canonical } from '../../src/base/canonical.ts'
import type { Json } from '../../src/base/json.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { toJson } from '../../src/base/to-json.ts'
import type { AccountHandles } from '../../src/protocol/account.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { MEMORY_COMMANDS, type KeyState, type MemoryStatus, type Tier } from '../../src/protocol/memory.ts'
import * as MEMORY from '../../src/protocol/memory-limits.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import type { LogLine } from '../../src/protocol/messages.ts'
import type * as v from '../../src/protocol/schema.ts'
import type { GateView, Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import { ownerPrincipal } from '../core/receipt-record.ts'
import type { AccountKeysDep, AccountState } from '../ports/account-keys.ts'
import type { MarkerDep } from '../ports/marker.ts'
import type { MemoryServer } from '../ports/memory-server.ts'
import type { MemoryStoreDep } from '../ports/memory-store.ts'
import { createAccount } from './account.ts'
import { isOff } from '../core/gate-state.ts'
import { classifyKeys } from './key-state.ts'
import { createSharedLock } from './shared-lock.ts'
import type { KitCommand, KitHooks, KitHost } from './kit.ts'
import { createMemory, type Embed } from './memory.ts'
import { createMemoryRecords } from './memory-records.ts'
import { createMemorySync } from './memory-sync.ts'
import { reseal } from './memory-reseal.ts'

/** A change is brought to the server this soon, together with those that follow at once. */
const SYNC_AFTER_MS = 500
const DEVICE = 'memory-device'
/** How long a notice waits for a page to be told to: ten seconds. */
const TELL_AGAIN_MS = 250
const TELLS_MAX = 40

type Ports = AccountKeysDep &
  MarkerDep &
  MemoryStoreDep & {
    readonly server: MemoryServer | null
    readonly embed: Embed | null
    readonly estimate: () => Promise<{ readonly usage: number | null; readonly quota: number | null }>
  }

type Args<N extends keyof typeof MEMORY_COMMANDS> = v.InferOutput<(typeof MEMORY_COMMANDS)[N]>

export function createMemoryKit(host: KitHost, ports: Ports): KitHooks {
  const { account, memoryStore, server } = ports
  const { clock, gate, log, network, random, secrets } = host
  let device = ''
  let keys: KeyState = 'FIRST_RUN'
  let starting: Promise<void> | null = null
  let isDue = false
  /** A record is named and sealed in two steps: its keys must not change between them. */
  const lock = createSharedLock()

  const base = { ...ports, clock, hex: (count: number) => random.hex(count), device: () => device, now: () => clock.now() }
  const records = createMemoryRecords(base)
  const memory = createMemory({ ...base, records, onDirty: () => void syncSoon() })
  const accounts = createAccount({ ...ports, online: () => network.online(), device: base.device, token: (owner) => host.token(owner) })
  const sync = server && createMemorySync({ ...base, server, memory, records, token: (owner) => host.token(owner), onAccount: () => host.changed() })

  /** This device's name in what it writes: nothing about the device, and the same after every start. */
  async function loadDevice(): Promise<void> {
    const kept = await secrets.get(DEVICE)
    if (kept instanceof Uint8Array) device = new TextDecoder().decode(kept)
    if (device !== '') return
    device = random.hex(8)
    await secrets.set(DEVICE, utf8ToBytes(device)).catch(() => undefined)
  }

  /** What an earlier worker left unsealed; `false`: it is to be done again. */
  async function finish(principal: Principal): Promise<boolean> {
    const state = await account.load(ownerOf(principal))
    if (!state.ok) return false
    if (state.value.was === 'KEY_NULL' || state.value.was === 'KEY_MISMATCH') {
      keys = state.value.was
      void tell({ level: 'warn', text: '[MAESTRO] Memory key lost: what was sealed under it reads as absent until the account is unlocked' })
    }
    return (await reseal({ ...base, memory, records }, principal, state.value)).ok
  }

  /** Once for each person in a worker's life, alone; whoever comes meanwhile waits for it. */
  function finishOnce(principal: Principal): Promise<unknown> {
    const owner = ownerOf(principal)
    const there = finished.get(owner)
    if (there) return there
    const begun = lock
      .alone(() => finish(principal))
      .catch(() => false)
      .then((isDone) => {
        if (!isDone) finished.delete(owner)
        // What other devices did while this one was away.
        else void syncSoon()
      })
    finished.set(owner, begun)
    return begun
  }

  /** After the keys have changed. What is not finished now is finished when the worker starts again. */
  async function sealAnew(principal: Principal, state: AccountState): Promise<Result<number, Failure>> {
    const sealed = await reseal({ ...base, memory, records }, principal, state)
    void syncSoon()
    host.changed()
    return sealed.ok ? sealed : err(failure('STORAGE_FAILED', `not everything is sealed anew yet (${sealed.error})`))
  }

  /** A worker often starts before the page that set it off can hear: such a line waits for one. */
  async function tell(line: LogLine): Promise<void> {
    for (let tries = 0; tries < TELLS_MAX; tries++) {
      if (await host.pages.sendToOne({ type: 'maestro:log', line })) return
      await clock.sleep(TELL_AGAIN_MS, new AbortController().signal)
    }
  }

  const prepare = (): Promise<void> => {
    starting ??= (async () => {
      keys = await classifyKeys({ ...host, ...ports, tell: (line) => void tell(line) })
      await loadDevice()
    })().catch((error: unknown) => {
      starting = null
      keys = 'DB_UNOPENABLE'
      log.line({ level: 'error', text: `[MAESTRO] Initialization failed: ${error instanceof Error ? error.name : 'Error'}` })
    })
    return starting
  }

  /** Principals whose unfinished sealing was looked for in this worker's life. */
  const finished = new Map<string, Promise<unknown>>()

  async function syncSoon(): Promise<void> {
    if (isDue || !sync) return
    isDue = true
    await clock.sleep(SYNC_AFTER_MS, new AbortController().signal)
    isDue = false
    const principal = host.principal()
    if (principal && network.online() && !isOff(gate.view())) await lock.shared(() => sync.run(principal)).catch(() => undefined)
  }

  async function asPerson<T>(view: GateView, work: (principal: Principal) => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
    if (isOff(view)) return err(failure('DISABLED', 'MAESTRO is off'))
    const principal = host.principal()
    if (!principal) return err(failure('SIGNED_OUT', 'nobody is signed in'))
    await prepare()
    const state = await account.load(ownerOf(principal))
    if (!state.ok) return err(failure('CRYPTO_FAILED', `Crypto initialization failed: the memory's keys cannot be used (${state.error})`))
    await finishOnce(principal)
    try {
      return await work(principal)
    } catch (error) {
      // The keys went away under us: what holds for this call holds until they are looked for again.
      const isKey = error instanceof Error && error.message === 'Key not found'
      return err(
        isKey
          ? failure('CRYPTO_FAILED', 'Key not found')
          : failure('WORKER_FAULT', `the memory failed (${error instanceof Error ? error.name : 'Error'})`),
      )
    }
  }

  const command = <N extends keyof typeof MEMORY_COMMANDS>(
    name: N,
    run: (principal: Principal, args: Args<N>) => Promise<Result<unknown, Failure>>,
    how: keyof typeof lock = 'shared',
  ): Readonly<Record<string, KitCommand>> => ({
    [name]: {
      args: MEMORY_COMMANDS[name],
      run: (args: Args<N>, { gate: view }) => asPerson(view, (principal) => lock[how](() => run(principal, args))),
    },
  })

  async function status(principal: Principal): Promise<Result<MemoryStatus, Failure>> {
    const counts = await memory.counts(principal)
    if (!counts.ok) return counts
    const { usage, quota } = await ports.estimate()
    return ok({ keys, durability: memoryStore.durability(), ...counts.value, usage, quota })
  }

  function valueOf(value: unknown): Result<Json, Failure> {
    const json = toJson(value, LIMITS.paramsDepthMax)
    if (!json.ok) return err(failure('PARAMS_NOT_JSON', 'a memory is plain data', 'value'))
    return utf8ToBytes(canonical(json.value)).length <= MEMORY.valueBytesMax
      ? json
      : err(failure('PARAMS_TOO_LARGE', 'a memory is at most 64 KiB', 'value'))
  }

  return {
    commands: {
      ...command('memoryInit', (principal) => status(principal)),
      ...command('memoryPut', async (principal, { tier, key, value, confirmed, ttlMs, subject }) => {
        const json = valueOf(value)
        if (!json.ok) return json
        if (key === undefined && tier !== 't3') return err(failure('KEY_INVALID', 'T1 and T2 records have keys', 'key'))
        return memory.put(principal, { tier, key, value: json.value, confirmed, ttlMs, subject })
      }),
      ...command('memoryGet', (principal, { tier, key }) => memory.get(principal, tier, key)),
      ...command('memoryList', (principal, { tier, after, limit }) => memory.list(principal, tier, after, limit)),
      ...command('memorySearch', (principal, { query, tiers, limit }) => memory.search(principal, query, tiers as readonly Tier[], limit)),
      ...command('memoryEvict', (principal, args) => memory.evict(principal, args)),
      ...command('memoryPurge', (principal, { unreadable }) => memory.purge(principal, unreadable)),
      ...command('memoryForget', async (principal, { subject }) => {
        const forgotten = await memory.forget(principal, subject)
        if (forgotten.ok && sync && network.online()) await sync.run(principal)
        return forgotten
      }),
      ...command('memorySync', async (principal) => {
        if (!sync) return err(failure('COMMAND_UNKNOWN', 'this worker was built without a server for memory'))
        if (!network.online()) return err(failure('OFFLINE_REFUSED', 'there is no network'))
        const synced = await sync.run(principal)
        return synced.ok
          ? synced
          : err(failure(synced.error === 'auth' ? 'SIGNED_OUT' : 'OFFLINE_REFUSED', `the memory could not be synchronised (${synced.error})`))
      }),
      ...command('account', (principal) => accounts.view(principal)),
      ...command(
        'accountAdopt',
        async (principal, { handles }) => {
          const adopted = await accounts.adopt(principal, handles as AccountHandles)
          if (!adopted.ok) return adopted
          const sealed = await sealAnew(principal, adopted.value)
          return sealed.ok ? ok({ generation: adopted.value.generation, resealed: sealed.value }) : sealed
        },
        'alone',
      ),
      ...command(
        'accountRotate',
        async (principal) => {
          const owner = ownerOf(principal)
          const state = await account.load(owner)
          const rotated = state.ok ? await account.advance(owner, state.value.epoch + 1) : null
          if (!rotated) return err(failure('CRYPTO_FAILED', 'this root has no epoch left: change an unlocker'))
          const sealed = await sealAnew(principal, rotated)
          return sealed.ok ? ok({ epoch: rotated.epoch, resealed: sealed.value }) : sealed
        },
        'alone',
      ),
    },
    digest: (record) => accounts.digest(ownerPrincipal(record), record.paramsDigest),
    start: async () => void prepare(),
  }
}
