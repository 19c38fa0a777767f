/** What this device keeps of its signed heads, sealed, one record per person. All of it is public; it is sealed so that it cannot be swapped. */
import { SignedHeadSchema } from '../../src/audit/signed-head.ts'
import { bytesToUtf8, utf8ToBytes } from '../../src/base/bytes.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'

/** Heads that are kept here, newest; the server has them all. 64 take about 100 KB. */
const HEADS_MAX = 64

/** Why no head is sent or believed any more. */
export const REFUSALS = {
  CHAIN_BROKEN: 'this device’s audit chain is damaged: what follows is not signed',
  CHAIN_REWRITTEN: 'this device’s audit chain is not the one that was signed',
  CHAIN_ROLLED_BACK: 'this device’s audit chain ends before a head that was signed',
  SERVER_ROLLED_BACK: 'the server shows an older head than it promised',
  SERVER_REWRITTEN: 'the server shows another head than it promised',
  SERVER_FORGED: 'the server shows a head that was not signed by this device and by it',
  HEAD_FORK: 'the server has another chain under this device’s name',
  DEVICE_REFUSED: 'the server does not take this device’s key any more',
} as const
export type RefusalCode = keyof typeof REFUSALS

const place = { device: v.string(), seq: v.number(), hash: v.string() }
const PendingSchema = v.strictObject({ ...place, head: v.string() })
const WitnessedSchema = v.strictObject({ ...place, seen: v.number(), signed: SignedHeadSchema })
const KeptSchema = v.strictObject({
  /** Signed here and not counter-signed, oldest first. */
  pending: v.array(PendingSchema),
  /** Counter-signed: the server's promises, oldest first. */
  heads: v.array(WitnessedSchema),
  /** The server's keys, where they are not built in. */
  keys: v.array(v.strictObject({ kid: v.string(), x: v.string() })),
  refused: v.nullable(v.strictObject({ device: v.string(), code: v.picklist(Object.keys(REFUSALS) as RefusalCode[]), at: v.number() })),
})
export type Pending = v.InferOutput<typeof PendingSchema>
export type Witnessed = v.InferOutput<typeof WitnessedSchema>
export type KeptHeads = v.InferOutput<typeof KeptSchema>

const NOTHING: KeptHeads = { pending: [], heads: [], keys: [], refused: null }

export type HeadKeeper = { load(principal: Principal): Promise<KeptHeads>; keep(principal: Principal, kept: KeptHeads): Promise<void> }

/** What cannot be read counts as nothing: then the server's promises are learned from it anew. */
export function createHeadKeeper({ keyring, secrets }: KeyringDep & SecretStoreDep): HeadKeeper {
  const contextOf = (owner: string): SealContext => ({ store: 'maestro_secrets', record: 'proofs', owner, shape: 1 })
  return {
    async load(principal) {
      const owner = ownerOf(principal)
      const sealed = await secrets.get(`proofs/${owner}`)
      const plain = sealed instanceof Uint8Array ? await keyring.open(contextOf(owner), sealed) : null
      const parsed = plain?.ok ? v.safeParse(v.pipe(v.string(), v.parseJson(), KeptSchema), bytesToUtf8(plain.value)) : null
      return parsed?.success ? parsed.output : NOTHING
    },
    async keep(principal, { pending, heads, ...kept }) {
      const owner = ownerOf(principal)
      const bounded: KeptHeads = { ...kept, pending: pending.slice(-HEADS_MAX), heads: heads.slice(-HEADS_MAX) }
      await secrets.set(`proofs/${owner}`, await keyring.seal(contextOf(owner), utf8ToBytes(JSON.stringify(bounded))))
    },
  }
}
