/**
 * The gate: the killswitch's present answer, from every source, strictest first (law 7).
 *
 * G1 A document is stored before it is used (a stop also when it cannot be stored), and an older version is refused for ever.
 * G2 An accepted stop never lapses; `expires` bounds acceptance, and `run` only.
 * G3 No word (unreachable, HTML, junk) changes nothing.
 * G4 A memory that is there and cannot be read may hold a stop: effects wait until a word comes that is no older than it was.
 */
import * as v from '../../src/protocol/schema.ts'
import type { GateState, GateView } from '../../src/protocol/views.ts'
import { isHeld, isOff } from '../core/gate-state.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { FlagSourceDep } from '../ports/flag-source.ts'
import type { GateStoreDep } from '../ports/gate-store.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'

const time = v.custom<string>((value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
/** What it says; a document is kept whole, because kits read more of it. */
const KillDocumentSchema = v.object({
  version: v.custom<number>((value) => Number.isSafeInteger(value) && Number(value) >= 1),
  issued: time,
  expires: time,
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  reason: v.optional(v.pipe(v.string(), v.maxLength(500))),
})
type Stored = { readonly document: KillDocument | null; readonly envOff: boolean }
type KillDocument = v.InferOutput<typeof KillDocumentSchema>

const StaticSchema = v.object({ enabled: v.boolean() })

/** A prolonged `run` is stored at most this often: a write for each poll would be noise on disk. One hour. */
const PROLONG_MS = 3_600_000

export type Gate = {
  /** Reads what was stored; must have resolved before the first event is answered. */
  load(): Promise<void>
  view(): GateView
  /** A page of a disabled build has spoken: sticky until a build says otherwise through the static flag. */
  envOff(): Promise<void>
  /** Fetches both flags, bounded in time; joins a fetch that is under way. Never rejects: what could not be stored or read changes nothing. */
  refresh(): Promise<void>
  /** Whether a document that still holds was ever seen; without one RED waits. */
  isRunFresh(): boolean
  /** A version was seen on a server's answer. */
  hint(version: number): void
  /** Resolves when the document that an answer spoke of has been asked for. */
  caughtUp(): Promise<void>
}

/** Whether effects may start. */
export const mayRun = (gate: Gate): boolean => !isHeld(gate.view())

export const disabledText = ({ cause, version }: GateView): string =>
  cause === 'window'
    ? '[MAESTRO] Disabled by window.MAESTRO_ENABLED=false'
    : cause === 'remote'
      ? `[MAESTRO] Disabled by remote flag (version ${version})`
      : '[MAESTRO] Disabled by VITE_MAESTRO_ENABLED=false'

type Deps = ClockDep & FlagSourceDep & GateStoreDep & LogDep & NetworkDep

/** A higher version; or the same `run` with its life prolonged, which is how a server says that it still holds. */
const isNewer = (offered: KillDocument, held: KillDocument | null): boolean =>
  offered.version > (held?.version ?? 0) ||
  (offered.version === held?.version &&
    offered.action === 'run' &&
    held.action === 'run' &&
    Date.parse(offered.expires) - Date.parse(held.expires) > PROLONG_MS)

/** Stands for what cannot be read; no document is issued like this. */
const isUnread = (document: KillDocument | null): boolean => document?.issued === ''

/** What lies in the memory, each part for itself; a word of the version that cannot be read is let in. */
function remembered(stored: unknown): Stored {
  const { document, envOff } = Object(stored) as { readonly document?: { readonly version?: unknown }; readonly envOff?: unknown }
  const read = v.safeParse(v.nullable(KillDocumentSchema), document)
  const version = Number(document?.version) - 1 || 0
  return {
    document: read.success ? (document as KillDocument | null) : { version, issued: '', expires: '', action: 'readonly' },
    envOff: envOff !== false && (read.success || envOff === true),
  }
}

export function createGate(deps: Deps, options: { readonly isBuiltOn: boolean; readonly hasRemote: boolean; readonly onChange: () => void }): Gate {
  let document: KillDocument | null = null
  let envOff = false
  let isSaved = true
  let checkedAt: number | null = null
  let refreshing: Promise<void> | null = null
  let hinted: Promise<void> = Promise.resolve()
  let loading: Promise<void> | null = null
  let storing: Promise<unknown> = Promise.resolve()

  const view = (): GateView => {
    const version = document?.version ?? 0
    const base = { version, checkedAt, ...(document?.reason !== undefined && { reason: document.reason }) }
    if (!options.isBuiltOn || envOff) return { ...base, state: 'kill', cause: 'env' }
    const state: GateState = document?.action ?? 'run'
    return { ...base, state, cause: state === 'run' ? 'none' : 'remote' }
  }

  /** One change after another, each made from what is true when its turn comes: no source can undo another's stop. */
  const store = (change: (now: Stored) => Stored): Promise<void> => {
    const turn = storing.then(() => put(change({ document, envOff })))
    storing = turn.catch(() => undefined)
    return turn
  }

  const put = async (next: Stored): Promise<void> => {
    if (next.document === document && next.envOff === envOff && isSaved) return
    const before = view()
    const isStop = next.envOff || (next.document?.action ?? 'run') !== 'run'
    isSaved = false
    // A stop holds at once, also where the disk is full; leave to run must be on disk first, or a restart would forget what it replaced.
    if (isStop) ({ document, envOff } = next)
    const saved = deps.gateStore.save(next).then(() => (isSaved = true))
    if (isStop) await saved.catch(() => undefined)
    else await saved
    ;({ document, envOff } = next)
    const after = view()
    if (isOff(after) && !isOff(before)) deps.log.line({ level: 'info', text: disabledText(after) })
    if (before.state !== after.state || before.version !== after.version) options.onChange()
  }

  async function fetchBoth(): Promise<void> {
    const [fetchedStatic, fetchedDocument] = await Promise.all([deps.flags.fetchStatic(), deps.flags.fetchDocument()])
    const flag = v.safeParse(StaticSchema, fetchedStatic)
    const said = v.safeParse(KillDocumentSchema, fetchedDocument)
    const at = deps.clock.now()
    const offered = said.success && Date.parse(said.output.expires) > at ? (fetchedDocument as KillDocument) : null
    if (flag.success || said.success) checkedAt = at
    await store((now) => ({
      document:
        offered && isNewer(offered, now.document) ? offered : flag.success && !options.hasRemote && isUnread(now.document) ? null : now.document,
      envOff: flag.success ? !flag.output.enabled : now.envOff,
    }))
  }

  const refresh = (): Promise<void> => {
    if (!deps.network.online()) return Promise.resolve()
    refreshing ??= fetchBoth()
      .catch(() => undefined)
      .finally(() => {
        refreshing = null
      })
    return refreshing
  }

  return {
    view,
    refresh,
    isRunFresh: () => document !== null && (document.action !== 'run' || Date.parse(document.expires) > deps.clock.now()),
    load() {
      loading ??= deps.gateStore
        .load()
        // Storage that cannot be asked may hold a stop as well.
        .catch(() => null)
        .then(async (stored) => {
          if (stored !== undefined) ({ document, envOff } = remembered(stored))
          // A fresh device asks before it makes anything: a stop that was given earlier holds for it too.
          if ((document === null ? options.hasRemote : isUnread(document)) && options.isBuiltOn) await refresh()
        })
      return loading
    },
    envOff: async () => {
      await store((now) => ({ ...now, envOff: true }))
    },
    hint(version) {
      if (version > (document?.version ?? 0)) hinted = refresh()
    },
    caughtUp: () => hinted,
  }
}
