/**
 * The killswitch kit: puts itself before the gate's flag source and memory, so that only signed documents reach the gate, and answers for scopes.
 *
 * W1 An unsigned remote document is no word. The static flag of a build is not signed and can only stop.
 * W2 What is stored is verified again when it is read (law 8); of two memories the newer one counts, so clearing one forgets nothing.
 * W3 Where neither memory can be read effects wait, until a signed document comes.
 * W4 A refused document changes nothing but a line in the console, once for each.
 */
import { bytesToBase64Url, bytesToHex, utf8ToBytes } from '../../src/base/bytes.ts'
import { err, ok } from '../../src/base/result.ts'
import { KILL_APPLIED_TYP } from '../../src/protocol/kill-document.ts'
import { failure } from '../../src/protocol/failure.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import type { DeviceSigner } from '../ports/device-signer.ts'
import type { KillAcks } from '../ports/kill-acks.ts'
import type { KillMirror } from '../ports/kill-mirror.ts'
import type { KillVerifier } from '../ports/kill-verifier.ts'
import { isOff } from '../core/gate-state.ts'
import { proveDeviceKey } from './device-key-proof.ts'
import type { Kit, KitHooks } from './kit.ts'
import { holdsAtOnce, judgeOffer, type HeldKill } from './killswitch-held.ts'
import { generalState, raiseFor, stateFor } from './killswitch-judge.ts'
import { readKill, type PinnedKeys } from './killswitch-read.ts'

export type KillswitchParts = {
  readonly pinned: PinnedKeys
  /** This build's number, for documents that name a range of releases; `null` is in every range. */
  readonly release: string | null
  readonly acks: KillAcks
  readonly mirror: KillMirror
  readonly signer: DeviceSigner
  readonly verifier: KillVerifier
}

const text = v.pipe(v.string(), v.maxLength(LIMITS.killDocumentBytesMax))
/** The newest document, and the newest of the resume key, without which a stop after it might seem to loosen one before it. */
const OfferSchema = v.object({ document: text, resumed: v.optional(text) })
const KeptSchema = v.object({ jws: text, received: v.number(), effective: v.number() })
type Kept = v.InferOutput<typeof KeptSchema>
const DocumentSchema = v.nullable(v.looseObject({ kill: v.optional(v.unknown()), action: v.string() }))
const StoredSchema = v.object({ document: v.nullable(v.looseObject({ kill: v.optional(KeptSchema) })) })

/** A refused answer is not asked for again at once, however many answers speak of its version. Two seconds. */
const REFUSED_MS = 2_000

/** Refusals that one worker prints. */
const REFUSALS_MAX = 16

/** The server's name for this device; absent until it has one. */
const DEVICE = 'device-id'

export const createKillswitch =
  ({ pinned, release, acks, mirror, signer, verifier }: KillswitchParts): Kit =>
  (host) => {
    let held: HeldKill | null = null
    /** Accepted and not yet stored. */
    let next: HeldKill | null = null
    let offered: v.InferOutput<typeof OfferSchema> | null = null
    let refusedAt = Number.NEGATIVE_INFINITY
    const refusedTexts = new Set<string>()
    const source = { ...host.flags }
    const memory = { ...host.gateStore }

    const keptOf = ({ jws, received, effective }: HeldKill): Kept => ({ jws, received, effective })

    /** As the gate stores it. */
    const shapeOf = (kill: HeldKill) => {
      const { version, issued, expires, reason } = kill.claims
      return { version, issued, expires, action: generalState(kill.claims, release), ...(reason === undefined ? {} : { reason }), kill: keptOf(kill) }
    }

    const refuse = (jws: string, why: string): false => {
      refusedAt = host.clock.elapsed()
      if (refusedTexts.has(jws) || refusedTexts.size >= REFUSALS_MAX) return false
      refusedTexts.add(jws)
      host.log.line({ level: 'warn', text: `[MAESTRO] Kill document refused: ${why}` })
      return false
    }

    /** Takes it in if it may; whatever is stricter holds when this resolves. False when it was refused. */
    async function take(jws: string): Promise<boolean> {
      const received = host.clock.now()
      const read = await readKill(jws, pinned, verifier)
      if (!read.ok) return refuse(jws, read.error)
      const now = next ?? held
      const judged = judgeOffer(read.value, now, host.time.now())
      if (!judged.ok) return judged.error !== 'old' && refuse(jws, judged.error)
      if (judged.value === 'known') return true
      next = judged.value === 'newer' || !now ? { ...read.value, received, effective: host.clock.now() } : { ...now, ...read.value }
      if (!holdsAtOnce(next, held)) return true
      const isStricter = !held || !holdsAtOnce(held, next)
      held = next
      if (!isStricter) return true
      host.changed()
      await mirror.save(keptOf(next)).catch(() => undefined)
      return true
    }

    async function fetchDocument(): Promise<unknown> {
      const given = offered
      offered = null
      if (!given && host.clock.elapsed() - refusedAt < REFUSED_MS) return undefined
      const fetched = given ?? (await source.fetchDocument())
      const said = v.safeParse(OfferSchema, fetched)
      if (!said.success) {
        if (fetched !== undefined) refuse('', 'it is not signed')
        return undefined
      }
      if (said.output.resumed !== undefined) await take(said.output.resumed)
      const isHeard = await take(said.output.document)
      const newest = next ?? held
      return newest && (isHeard || newest === next) ? shapeOf(newest) : undefined
    }

    async function restore(kept: unknown): Promise<HeldKill | null> {
      const parsed = v.safeParse(KeptSchema, kept)
      const read = parsed.success ? await readKill(parsed.output.jws, pinned, verifier) : null
      return parsed.success && read?.ok ? { ...read.value, received: parsed.output.received, effective: parsed.output.effective } : null
    }

    async function load(): Promise<unknown> {
      const [stored, mirrored] = await Promise.allSettled([memory.load(), mirror.load()])
      const said = Object('value' in stored ? stored.value : null) as { readonly document?: unknown; readonly envOff?: unknown }
      const parsed = v.safeParse(DocumentSchema, said.document)
      const document = parsed.success ? parsed.output : null
      const [one, other] = await Promise.all([restore(document?.kill), restore('value' in mirrored ? mirrored.value : null)])
      held = one && other ? (other.claims.version > one.claims.version ? other : one) : (one ?? other)
      if (!held && !parsed.success) {
        // Neither memory says anything that can be believed: a device that was never told anything, or one that must not forget (the gate holds).
        for (const tried of [stored, mirrored]) if (tried.status === 'rejected') throw tried.reason
        const isFresh = [stored, mirrored].every((tried) => 'value' in tried && tried.value === undefined)
        return isFresh ? undefined : { document: {}, envOff: said.envOff }
      }
      // From before this kit was there, or by keys that this build pins no more: a stop goes on until a signed word comes, leave to run does not count.
      const unsigned = document && document.action !== 'run' ? { ...document, version: 1 } : null
      const loaded = { document: held ? shapeOf(held) : unsigned, envOff: said.envOff ?? false }
      // What one memory lost it gets back from the other, before that loses it too.
      if (held && one?.jws !== held.jws) await memory.save(loaded).catch(() => undefined)
      if (held && other?.jws !== held.jws) await mirror.save(keptOf(held)).catch(() => undefined)
      return loaded
    }

    async function save(value: unknown): Promise<void> {
      await memory.save(value)
      const stored = v.safeParse(StoredSchema, value)
      // A newer one may have come meanwhile: in force is what lies on disk.
      if (!next || !stored.success || stored.output.document?.kill?.jws !== next.jws) return
      const storing = next
      held = storing
      next = null
      await mirror.save(keptOf(held)).catch(() => undefined)
    }

    // Before the gate has asked either of them: the runtime makes kits first and loads later.
    Object.assign(host.flags, { fetchDocument })
    Object.assign(host.gateStore, { load, save })

    /** Puts before the gate what a page heard, until the gate has it. */
    async function offer(document: v.InferOutput<typeof OfferSchema>): Promise<void> {
      if (document.resumed !== undefined) await take(document.resumed)
      await take(document.document)
      const wanted = (next ?? held)?.claims.version ?? 0
      for (let tries = 0; tries < 3 && (next !== null || host.gate.view().version < wanted); tries++) {
        offered = document
        await host.gate.refresh()
      }
      host.poke()
    }

    async function statement(principal: Principal): Promise<{ readonly jws: string; readonly device: string; readonly key: string } | null> {
      const name = await host.secrets.get(DEVICE)
      if (!held || !(name instanceof Uint8Array)) return null
      const key = await signer.publicKey()
      const device = bytesToHex(name)
      const part = (value: object): string => bytesToBase64Url(utf8ToBytes(JSON.stringify(value)))
      const input = `${part({ alg: 'EdDSA', typ: KILL_APPLIED_TYP })}.${part({
        v: 1,
        kind: 'kill.applied',
        tenant: principal.tenant,
        device,
        version: held.claims.version,
        state: host.gate.view().state,
        received: held.received,
        effective: held.effective,
      })}`
      return { jws: `${input}.${bytesToBase64Url(await signer.sign(utf8ToBytes(input)))}`, device, key }
    }

    /** Proves to the server what holds here. The key is registered first where the server does not know it, which needs a token: not while off. */
    async function acknowledge(): Promise<'taken' | 'nothing' | 'refused' | 'unreachable'> {
      const principal = host.principal()
      const mine = principal && (await statement(principal).catch(() => null))
      if (!principal || !mine) return 'nothing'
      const said = await acks.send(mine.jws)
      if (said !== 'device-unknown') return said
      const token = isOff(host.gate.view()) ? null : await host.token(principal)
      if (token === null) return 'refused'
      const proof = await proveDeviceKey(signer, principal, mine.device)
      if (!(await acks.register(mine.device, mine.key, token, proof))) return 'refused'
      const again = await acks.send(mine.jws)
      return again === 'device-unknown' ? 'refused' : again
    }

    return {
      commands: {
        'kill.offer': {
          args: OfferSchema,
          async run(args: v.InferOutput<typeof OfferSchema>) {
            await offer(args)
            return ok({ version: held?.claims.version ?? 0 })
          },
        },
        'kill.acknowledge': {
          args: v.strictObject({}),
          async run(_args, { gate }) {
            if (gate.cause === 'env' || gate.cause === 'window') return err(failure('DISABLED', 'MAESTRO is off'))
            return ok({ version: held?.claims.version ?? 0, outcome: await acknowledge() })
          },
        },
      },
      stop: (subject) => (held ? stateFor(held.claims, subject, release) : null),
      async judge({ intent, principal }) {
        const subject = { action: intent.action, agent: intent.agent, principal }
        const lane = held ? raiseFor(held.claims, subject, release) : null
        return held && lane ? { lane, reasons: [`raised by the operator${held.claims.reason === undefined ? '' : `: ${held.claims.reason}`}`] } : null
      },
    } satisfies KitHooks
  }
