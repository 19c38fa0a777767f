/** Signs this device's audit chain as it grows: what was verified since the last head, never what is broken. */
import { chain, GENESIS, type ChainHead } from '../../src/audit/entry.ts'
import { HEAD_TYP } from '../../src/audit/signed-head.ts'
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { unsignedJws } from '../../src/protocol/compact-jws.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import type { ChainStore } from '../ports/ledger-store.ts'
import type { Pending, RefusalCode, Witnessed } from './proofs-kept.ts'

/** Entries between two signed heads at most: how far a proof's way goes beyond the action itself (about 50 KB). */
const STEP_MAX = 256

const EMPTY: Pick<ChainHead, 'seq'> = { seq: 0 }

/** Whether the chain on the disk still has this head; `null` when it has, or when the disk cannot be read now. */
export async function whatOf(store: ChainStore, { seq, hash }: ChainHead): Promise<'CHAIN_REWRITTEN' | 'CHAIN_ROLLED_BACK' | null> {
  const read = seq === 0 ? null : await store.audit(1, seq - 1)
  if (!read?.ok) return null
  const entry = read.value.entries[0]
  if (entry?.seq === seq) return entry.hash === hash ? null : 'CHAIN_REWRITTEN'
  return read.value.head.seq < seq ? 'CHAIN_ROLLED_BACK' : 'CHAIN_REWRITTEN'
}

/** The chain's next verified end, at most `STEP_MAX` on; the same head where nothing follows. */
async function next(store: ChainStore, from: ChainHead): Promise<Result<ChainHead, 'CHAIN_BROKEN' | 'UNREADABLE'>> {
  const read = await store.audit(STEP_MAX, from.seq)
  if (!read.ok) return err('UNREADABLE')
  let end = from
  for (const entry of read.value.entries) {
    const expected = chain(end, entry)
    if (expected.seq !== entry.seq || expected.hash !== entry.hash) return err('CHAIN_BROKEN')
    end = { seq: entry.seq, hash: entry.hash }
  }
  const { head } = read.value
  const isEnd = read.value.entries.length < STEP_MAX
  return isEnd && (end.seq !== head.seq || end.hash !== head.hash) ? err('CHAIN_BROKEN') : ok(end)
}

export type Signer = { readonly signer: DeviceSigner; readonly store: ChainStore; now(): number }

/**
 * Heads not yet counter-signed, with those of what was unsigned. A head takes the place of the one before it where that leaves no longer way than
 * `STEP_MAX`. Rejects where the device cannot sign.
 */
export async function signTail(
  { signer, store, now }: Signer,
  { tenant, user }: Principal,
  device: string,
  { pending, promised }: { readonly pending: readonly Pending[]; readonly promised: Witnessed | undefined },
): Promise<{ readonly pending: readonly Pending[]; readonly refused: RefusalCode | null }> {
  const signed = [...pending]
  const last = signed.at(-1) ?? promised ?? GENESIS
  const wrong = await whatOf(store, last)
  if (wrong) return { pending: signed, refused: wrong }
  for (let from: ChainHead = last; ;) {
    const end = await next(store, from)
    if (!end.ok) return { pending: signed, refused: end.error === 'CHAIN_BROKEN' ? end.error : null }
    if (end.value.seq === from.seq) return { pending: signed, refused: null }
    from = end.value
    const claims = { v: 1, tenant, principal: user, device, seq: from.seq, hash: from.hash, at: now() } as const
    const unsigned = unsignedJws(HEAD_TYP, claims)
    const head = `${unsigned}.${bytesToBase64Url(await signer.sign(utf8ToBytes(unsigned)))}`
    const before = signed.at(-2) ?? promised ?? EMPTY
    if (signed.length > 0 && from.seq - before.seq <= STEP_MAX) signed.pop()
    signed.push({ device, seq: from.seq, hash: from.hash, head })
  }
}
