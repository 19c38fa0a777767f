/**
 * The gate: the killswitch's present answer, from every source, strictest first (law 7).
 *
 * G1 A document is stored before it is used, and an older version is refused for ever.
 * G2 An accepted stop never lapses; `expires` bounds acceptance, and `run` only.
 * G3 No word (unreachable, HTML, junk) changes nothing.
 */
import * as v from '../../src/protocol/schema.ts'
import type { GateState, GateView } from '../../src/protocol/views.ts'
import type { ClockDep } from '../ports/clock.ts'
import type { FlagSourceDep } from '../ports/flag-source.ts'
import type { GateStoreDep } from '../ports/gate-store.ts'
import type { LogDep } from '../ports/log.ts'
import type { NetworkDep } from '../ports/network.ts'

const KillDocumentSchema = v.looseObject({
  version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  issued: v.pipe(v.string(), v.isoTimestamp()),
  expires: v.pipe(v.string(), v.isoTimestamp()),
  action: v.picklist(['run', 'readonly', 'drain', 'kill', 'safe-worker']),
  reason: v.optional(v.pipe(v.string(), v.maxLength(500))),
})
type KillDocument = v.InferOutput<typeof KillDocumentSchema>

const StoredSchema = v.object({ document: v.nullable(KillDocumentSchema), envOff: v.boolean() })
const StaticSchema = v.looseObject({ enabled: v.boolean() })

export type Gate = {
  /** Reads what was stored; must have resolved before the first event is answered. */
  load(): Promise<void>
  view(): GateView
  /** Whether this worker was built to run at all. */
  readonly isBuiltOn: boolean
  /** A page of a disabled build has spoken: sticky until a build says otherwise through the static flag. */
  envOff(): Promise<void>
  /** Fetches both flags, bounded in time; joins a fetch that is under way. */
  refresh(): Promise<void>
  /** A version was seen on a server's answer. */
  hint(version: number): void
}

export const isOff = ({ state }: GateView): boolean => state === 'kill' || state === 'safe-worker'

export const disabledText = ({ cause, version }: GateView): string =>
  cause === 'window'
    ? '[MAESTRO] Disabled by window.MAESTRO_ENABLED=false'
    : cause === 'remote'
      ? `[MAESTRO] Disabled by remote flag (version ${version})`
      : '[MAESTRO] Disabled by VITE_MAESTRO_ENABLED=false'

type Deps = ClockDep & FlagSourceDep & GateStoreDep & LogDep & NetworkDep

export function createGate(deps: Deps, options: { readonly isBuiltOn: boolean; readonly hasRemote: boolean; readonly onChange: () => void }): Gate {
  let document: KillDocument | null = null
  let envOff = false
  let checkedAt: number | null = null
  let refreshing: Promise<void> | null = null
  let loading: Promise<void> | null = null

  const view = (): GateView => {
    const version = document?.version ?? 0
    const base = { version, checkedAt, ...(document?.reason === undefined ? {} : { reason: document.reason }) }
    if (!options.isBuiltOn || envOff) return { ...base, state: 'kill', cause: 'env' }
    const state: GateState = document?.action ?? 'run'
    return { ...base, state, cause: state === 'run' ? 'none' : 'remote' }
  }

  const store = async (next: { readonly document: KillDocument | null; readonly envOff: boolean }): Promise<void> => {
    const before = view()
    await deps.gateStore.save(next)
    document = next.document
    envOff = next.envOff
    const after = view()
    if (isOff(after) && !isOff(before)) deps.log.line({ level: 'info', text: disabledText(after) })
    if (before.state !== after.state || before.version !== after.version) options.onChange()
  }

  async function fetchBoth(): Promise<void> {
    const [fetchedStatic, fetchedDocument] = await Promise.all([deps.flags.fetchStatic(), deps.flags.fetchDocument()])
    const flag = v.safeParse(StaticSchema, fetchedStatic)
    const said = v.safeParse(KillDocumentSchema, fetchedDocument)
    const fresh =
      said.success && said.output.version > (document?.version ?? 0) && Date.parse(said.output.expires) > deps.clock.now() ? said.output : document
    const off = flag.success ? !flag.output.enabled : envOff
    if (flag.success || said.success) checkedAt = deps.clock.now()
    if (fresh !== document || off !== envOff) await store({ document: fresh, envOff: off })
  }

  const refresh = (): Promise<void> => {
    if (!deps.network.online()) return Promise.resolve()
    refreshing ??= fetchBoth().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  return {
    isBuiltOn: options.isBuiltOn,
    view,
    refresh,
    load() {
      loading ??= deps.gateStore.load().then(async (stored) => {
        const parsed = v.safeParse(StoredSchema, stored)
        if (parsed.success) ({ document, envOff } = parsed.output)
        // A fresh device asks before it makes anything: a stop that was given earlier holds for it too.
        if (options.hasRemote && document === null && options.isBuiltOn) await refresh()
      })
      return loading
    },
    envOff: async () => {
      if (!envOff) await store({ document, envOff: true })
    },
    hint(version) {
      if (version > (document?.version ?? 0)) void refresh()
    },
  }
}
