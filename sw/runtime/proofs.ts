/**
 * Audit that can be handed over: the device signs the end of its chain, the server counter-signs it, and one file proves one action offline.
 *
 * P1 Nothing here is on the way of an action: signing begins a while after a commit, and a worker that ends before it leaves an unsigned tail,
 *    which is shown as such and signed at the next start.
 * P2 What was signed here, and what the server promised, is compared with what both show later; an older or another history is refused and named,
 *    in the console and in the command `heads`, until it is gone again.
 * P3 Without keys that were built in, the server's keys are those that it showed first and any it publishes beside them.
 */
import { GENESIS } from '../../src/audit/entry.ts'
import { receiptOf } from '../../src/audit/proof.ts'
import type { IsByKey, ServerKey } from '../../src/audit/signed-head.ts'
import { verifyProof } from '../../src/audit/verify-proof.ts'
import { bytesToHex, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok, type Result } from '../../src/base/result.ts'
import { failure, type Failure } from '../../src/protocol/failure.ts'
import { KeySchema } from '../../src/protocol/idempotency-key.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { isOff } from '../core/gate-state.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import type { HeadServer } from '../ports/head-server.ts'
import { proveDeviceKey } from './device-key-proof.ts'
import type { Kit } from './kit.ts'
import { buildProof, entriesOf, type Built } from './proofs-build.ts'
import { judgeShown, promisedTo, readSigned, sendPending, unsent } from './proofs-exchange.ts'
import { createHeadKeeper, REFUSALS, type KeptHeads, type RefusalCode, type Witnessed } from './proofs-kept.ts'
import { signTail } from './proofs-sign.ts'

export type ProofsDeps = {
  readonly server: HeadServer
  readonly signer: DeviceSigner
  readonly isByKey: IsByKey
  /** The server's keys, where they are built in; learned from the server otherwise. */
  readonly pinned: readonly ServerKey[] | null
}

/** Where the server's ledger keeps this device's name. */
const DEVICE_ID = 'device-id'

/** Milliseconds after a commit until it is signed: a burst is signed once. */
const SIGN_AFTER_MS = 1_500

/** Milliseconds between two heads that are sent without being asked for: each is kept for ever at the server (2 KB). */
const SEND_EVERY_MS = 15_000

export type HeadsView = {
  readonly device: string
  /** The chain's end on this device, and how many of its entries no signature covers yet. */
  readonly head: { readonly seq: number; readonly hash: string }
  readonly unsigned: number
  /** Signed heads that the server has not counter-signed. */
  readonly waiting: number
  /** The newest head that the server counter-signed, and when, by its clock. */
  readonly promised: { readonly seq: number; readonly hash: string; readonly seen: number } | null
  /** Why history is not believed; `at` is this device's clock. */
  readonly refused: { readonly code: RefusalCode; readonly message: string; readonly at: number } | null
}

/** `unsigned`: no counter-signed head covers the action yet. */
export type ProofAnswer = ({ readonly status: 'signed' } & Built) | { readonly status: 'unsigned' }

const HeadsArgs = v.strictObject({ refresh: v.optional(v.boolean(), false) })
const ProofArgs = v.strictObject({ key: KeySchema })

const storageFailed = err(failure('STORAGE_FAILED', 'the audit chain cannot be read'))
const signedOut = err(failure('SIGNED_OUT', 'nobody is signed in'))

export const createProofs =
  ({ server, signer, isByKey, pinned }: ProofsDeps): Kit =>
  (host) => {
    const keeper = createHeadKeeper(host)
    const { store, clock } = host
    const exchange = { server, store, isByKey, pinned }
    /** Devices whose promises were compared with what the server shows, since this worker began. */
    const compared = new Set<string>()
    let turn: Promise<unknown> = Promise.resolve()
    let isDue = false
    let toldAt = Number.NEGATIVE_INFINITY

    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const result = turn.then(work)
      turn = result.catch(() => undefined)
      return result
    }

    async function deviceName(): Promise<string | null> {
      const id = await host.secrets.get(DEVICE_ID)
      return id instanceof Uint8Array ? bytesToHex(id) : null
    }

    /** Keeps why history is refused, and says so once; `null` takes it back. */
    function refuse(kept: KeptHeads, device: string, code: RefusalCode | null): KeptHeads {
      const before = kept.refused?.device === device ? kept.refused : null
      if (before?.code === code) return kept
      if (code !== null) host.log.line({ level: 'error', text: `[MAESTRO] Audit: ${code}: ${REFUSALS[code]}`, code })
      else if (before) host.log.line({ level: 'info', text: `[MAESTRO] Audit: ${before.code} is over`, code: before.code })
      return { ...kept, refused: code === null ? null : { device, code, at: clock.now() } }
    }

    async function tell(
      principal: Principal,
      device: string,
      before: KeptHeads,
    ): Promise<{ readonly kept: KeptHeads; readonly code: RefusalCode | null }> {
      const was = before.refused?.device === device ? before.refused.code : null
      const token = host.network.online() && !isOff(host.gate.view()) ? await host.token(principal) : null
      if (token === null) return { kept: before, code: was }
      const prove = (): Promise<string> => proveDeviceKey(signer, principal, device)
      const side = { principal, device, token, publicKey: await signer.publicKey(), prove }
      const name = `${device} ${principal.tenant} ${principal.user}`
      let kept = before
      if (was !== null || !compared.has(name)) {
        const shown = await server.show(device, null, token)
        if (!shown) return { kept, code: was }
        const judged = await judgeShown(exchange, kept, side, shown)
        kept = judged.kept
        if (judged.refused) return { kept, code: judged.refused }
        compared.add(name)
      }
      const sent = await sendPending(exchange, kept, side)
      return { kept: sent.kept, code: sent.refused }
    }

    /** Signs what is unsigned and has it counter-signed; true where that waits for its time. */
    async function round(isAsked: boolean): Promise<boolean> {
      const principal = host.principal()
      const device = await deviceName()
      if (!principal || device === null) return false
      const kept = await keeper.load(principal)
      const signed = await signTail({ signer, store, now: clock.now }, principal, device, {
        pending: unsent(kept, device),
        promised: promisedTo(kept, device),
      })
      const others = kept.pending.filter((one) => one.device !== device)
      const mine = { ...kept, pending: [...others, ...signed.pending] }
      // A head is on the disk before the server sees it.
      if (signed.pending.at(-1)?.head !== kept.pending.at(-1)?.head) await keeper.keep(principal, mine)
      if (!isAsked && !signed.refused && clock.elapsed() - toldAt < SEND_EVERY_MS) return signed.pending.length > 0
      toldAt = clock.elapsed()
      const told = signed.refused ? { kept: mine, code: signed.refused } : await tell(principal, device, mine)
      if (kept.keys.length > 0 && told.kept.keys.length > kept.keys.length)
        host.log.line({ level: 'warn', text: '[MAESTRO] Audit: the server signs with a new key' })
      const after = refuse(told.kept, device, told.code)
      if (after !== mine) await keeper.keep(principal, after)
      return false
    }

    async function later(ms: number): Promise<void> {
      await clock.sleep(ms, new AbortController().signal)
      isDue = false
      // A browser without Ed25519, a store that is away: what is unsigned stays so and is shown so.
      if (await inTurn(() => round(false)).catch(() => false)) soon(SEND_EVERY_MS)
    }

    function soon(ms = SIGN_AFTER_MS): void {
      if (isDue) return
      isDue = true
      void later(ms)
    }

    async function heads(isRefreshing: boolean): Promise<Result<HeadsView, Failure>> {
      const principal = host.principal()
      const device = await deviceName()
      if (!principal || device === null) return signedOut
      if (isRefreshing) await inTurn(() => round(true)).catch(() => undefined)
      const [kept, read] = await Promise.all([keeper.load(principal), store.audit(1)])
      if (!read.ok) return storageFailed
      const { head } = read.value
      const promised = promisedTo(kept, device)
      const waiting = unsent(kept, device)
      const refused = kept.refused?.device === device ? kept.refused : null
      return ok({
        device,
        head: { seq: head.seq, hash: head.hash },
        unsigned: Math.max(0, head.seq - (waiting.at(-1) ?? promised ?? GENESIS).seq),
        waiting: waiting.length,
        promised: promised ? { seq: promised.seq, hash: promised.hash, seen: promised.seen } : null,
        refused: refused && { code: refused.code, message: REFUSALS[refused.code], at: refused.at },
      })
    }

    /** The signed head that covers an action with the shortest way: one of those kept here, or one that the server still has. */
    async function headFor(principal: Principal, kept: KeptHeads, first: number, last: number): Promise<Witnessed | null> {
      const known = kept.heads.toSorted((a, b) => a.seq - b.seq)
      const next = known.find(({ seq }) => seq >= last)
      // The oldest that is kept here may not be the first that there was.
      if (next && next !== known[0]) return next
      const device = await deviceName()
      const token = device === null || !host.network.online() || isOff(host.gate.view()) ? null : await host.token(principal)
      const shown = device === null || token === null ? null : await server.show(device, last, token)
      const asked = shown?.asked && device !== null ? await readSigned(exchange, kept, { principal, device }, shown.asked) : null
      if (asked?.head && asked.head.seq >= last) return next && next.seq <= asked.head.seq ? next : asked.head
      return next ?? known.findLast(({ seq }) => seq >= first) ?? null
    }

    async function proof(key: string): Promise<Result<ProofAnswer, Failure>> {
      const principal = host.principal()
      if (!principal) return signedOut
      const own = await entriesOf(store, receiptOf(principal.tenant, principal.user, key))
      if (!own.ok) return storageFailed
      const [first] = own.value
      const last = own.value.at(-1)
      if (!first || !last) return err(failure('RECEIPT_UNKNOWN', 'nothing about this key is in the audit chain of this device'))
      await inTurn(() => round(true)).catch(() => undefined)
      const kept = await keeper.load(principal)
      const head = await headFor(principal, kept, first.seq, last.seq)
      const built = head && (await buildProof(store, key, own.value, head))
      if (!built) return ok({ status: 'unsigned' })
      const said = await verifyProof(utf8ToBytes(built.text), pinned ?? kept.keys, isByKey)
      return said.ok
        ? ok({ status: 'signed', ...built })
        : err(failure('STORAGE_FAILED', `this device’s chain proves nothing here: ${said.error.message}`))
    }

    return {
      commands: {
        heads: { args: HeadsArgs, run: ({ refresh }: v.InferOutput<typeof HeadsArgs>) => heads(refresh) },
        proof: { args: ProofArgs, run: ({ key }: v.InferOutput<typeof ProofArgs>) => proof(key) },
      },
      changed: () => soon(),
      async start() {
        soon()
      },
    }
  }
