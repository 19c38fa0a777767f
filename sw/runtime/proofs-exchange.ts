/** Has heads counter-signed, and holds the server to what it promised. */
import { verifySignedHead, type IsByKey, type ServerKey, type SignedHead } from '../../src/audit/signed-head.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { HeadServer, ShownHeads } from '../ports/head-server.ts'
import type { ChainStore } from '../ports/ledger-store.ts'
import { whatOf } from './proofs-sign.ts'
import type { KeptHeads, Pending, RefusalCode, Witnessed } from './proofs-kept.ts'

/** Entries of one request: what the server takes. */
const ENTRIES_AT_ONCE = 500

export type Exchange = {
  readonly server: HeadServer
  readonly store: ChainStore
  readonly isByKey: IsByKey
  /** The server's keys, where they are built in. */
  readonly pinned: readonly ServerKey[] | null
}

export type Side = {
  readonly principal: Principal
  readonly device: string
  readonly publicKey: string
  readonly token: string
  prove(): Promise<string>
}

export const promisedTo = ({ heads }: KeptHeads, device: string): Witnessed | undefined => heads.findLast((head) => head.device === device)

/** This device's heads that wait for the server, oldest first. */
export function unsent(kept: KeptHeads, device: string): readonly Pending[] {
  const seen = promisedTo(kept, device)?.seq ?? 0
  return kept.pending.filter((one) => one.device === device && one.seq > seen)
}

type Judged = { readonly kept: KeptHeads; readonly refused: RefusalCode | null }

/** Reads what the server shows as a signed head; keys that are not known are asked for once. `null` when it is not signed by both. */
export async function readSigned(
  { server, pinned, isByKey }: Exchange,
  kept: KeptHeads,
  { principal, device }: Pick<Side, 'principal' | 'device'>,
  signed: SignedHead,
): Promise<{ readonly head: Witnessed | null; readonly keys: KeptHeads['keys'] }> {
  let { keys } = kept
  let said = await verifySignedHead(signed, pinned ?? keys, isByKey)
  if (!said.ok && said.error === 'SERVER_UNKNOWN' && pinned === null) {
    // Keys that were learned stay: what they signed stays signed.
    const fresh = (await server.keys()) ?? []
    keys = [...keys, ...fresh.filter(({ kid }) => !keys.some((key) => key.kid === kid))]
    said = await verifySignedHead(signed, keys, isByKey)
  }
  if (!said.ok) return { head: null, keys: kept.keys }
  const { tenant, principal: user, device: named, seq, hash, seen } = said.value
  const isOurs = tenant === principal.tenant && user === principal.user && named === device
  return { head: isOurs ? { device, seq, hash, seen, signed } : null, keys }
}

/** Takes a promise: it is the newest, and what it covers waits no longer. */
const adopt = (kept: KeptHeads, head: Witnessed, keys: KeptHeads['keys']): KeptHeads => ({
  ...kept,
  keys,
  heads: [...kept.heads.filter(({ device, seq }) => device !== head.device || seq !== head.seq), head],
  pending: kept.pending.filter(({ device, seq }) => device !== head.device || seq > head.seq),
})

/** What the server shows beside what it promised and what this device's chain says. */
export async function judgeShown(exchange: Exchange, kept: KeptHeads, side: Pick<Side, 'principal' | 'device'>, shown: ShownHeads): Promise<Judged> {
  const promised = promisedTo(kept, side.device)
  if (promised && (shown.latest === null || shown.through < promised.seq)) return { kept, refused: 'SERVER_ROLLED_BACK' }
  if (shown.latest === null) return { kept, refused: null }
  const { head, keys } = await readSigned(exchange, kept, side, shown.latest)
  if (head === null) return { kept, refused: 'SERVER_FORGED' }
  if (promised && head.seq < promised.seq) return { kept, refused: 'SERVER_ROLLED_BACK' }
  if (promised && head.seq === promised.seq) return { kept, refused: head.hash === promised.hash ? null : 'SERVER_REWRITTEN' }
  const wrong = await whatOf(exchange.store, head)
  return wrong ? { kept, refused: wrong } : { kept: adopt(kept, head, keys), refused: null }
}

/** Sends one head with what the server lacks before it. `done` is false where it should be tried again later. */
async function sendOne(exchange: Exchange, kept: KeptHeads, side: Side, one: Pending): Promise<Judged & { readonly done: boolean }> {
  const { server, store } = exchange
  const { principal, device, publicKey, token } = side
  let through = -1
  let isRegistered = false
  for (let entries: Parameters<HeadServer['send']>[2] = []; ;) {
    const answer = await server.send(principal.tenant, one.head, entries, token)
    if (answer.kind === 'unreachable') return { kept, refused: null, done: false }
    if (answer.kind === 'kept') {
      const { head, keys } = await readSigned(exchange, kept, side, answer.signed)
      if (head?.seq !== one.seq || head.hash !== one.hash) return { kept, refused: 'SERVER_FORGED', done: true }
      return { kept: adopt(kept, head, keys), refused: null, done: true }
    }
    if (answer.kind === 'denied') {
      const isUnknown = answer.code === 'DEVICE_UNKNOWN' || answer.code === 'SIGNATURE_WRONG'
      if (!isUnknown || isRegistered) return { kept, refused: 'DEVICE_REFUSED', done: true }
      const said = await server.register(device, publicKey, token, await side.prove())
      if (said === 'refused') return { kept, refused: 'DEVICE_REFUSED', done: true }
      if (said === 'unreachable') return { kept, refused: null, done: false }
      isRegistered = true
      continue
    }
    const judged = await judgeShown(exchange, kept, side, answer.shown)
    if (judged.refused) return { ...judged, done: true }
    if (answer.code === 'HEAD_FORK') return { kept: judged.kept, refused: 'HEAD_FORK', done: true }
    // A newer head that is ours as well covers this one.
    if (answer.code === 'HEAD_OLD') return { ...judged, done: true }
    if (answer.shown.through <= through) return { kept, refused: null, done: false }
    through = answer.shown.through
    const read = await store.audit(ENTRIES_AT_ONCE, through)
    if (!read.ok) return { kept, refused: null, done: false }
    entries = read.value.entries.filter(({ seq }) => seq <= one.seq)
  }
}

/** Sends what waits, oldest first, until nobody answers or something is refused. */
export async function sendPending(exchange: Exchange, before: KeptHeads, side: Side): Promise<Judged> {
  let kept = before
  for (;;) {
    const [one] = unsent(kept, side.device)
    if (!one) return { kept, refused: null }
    const sent = await sendOne(exchange, kept, side, one)
    kept = sent.kept
    if (!sent.done || sent.refused) return { kept, refused: sent.refused }
    if (kept.pending.includes(one)) return { kept, refused: null }
  }
}
