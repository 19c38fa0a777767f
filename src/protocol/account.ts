/**
 * An account's unlockers as every device and the server see them: how to come by the account key, for whoever knows a passphrase or has
 * the recovery code. Nothing in it opens anything by itself.
 *
 * Each unlocker is a key pair whose private half is sealed under its secret, and to whose public half the account's keys are sealed: so
 * the root can be changed without asking for every secret. The document is signed by a key that only the root's bytes give, which no
 * holder of a non-extractable handle has; each generation's signer endorses the next one's.
 */
import { canonical } from '../base/canonical.ts'
import { utf8ToBytes } from '../base/bytes.ts'
import * as v from './schema.ts'

const base64url = (min: number, max: number) => v.pipe(v.string(), v.minLength(min), v.maxLength(max), v.regex(/^[A-Za-z0-9_-]+$/))
const whole = (min: number, max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max))

/** Argon2id at OWASP's floor: 19 MiB, two passes, one lane. */
export const ARGON2 = { memoryKiB: 19_456, passes: 2, lanes: 1 } as const

/** Unlockers of one account; a person has a passphrase, a code and some devices. */
const UNLOCKERS_MAX = 16
/** Changes of the root that a device can have missed. */
const GENERATIONS_MAX = 1_000

const UnlockerSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  kind: v.picklist(['passphrase', 'recovery-code', 'passkey', 'device']),
  /** How the secret becomes the key that opens `private`; the code has 256 random bits and nothing to stretch. */
  stretch: v.variant('name', [
    v.strictObject({
      name: v.literal('argon2id'),
      salt: base64url(22, 64),
      memoryKiB: whole(ARGON2.memoryKiB, 1_048_576),
      passes: whole(ARGON2.passes, 16),
      lanes: whole(1, 4),
    }),
    v.strictObject({ name: v.literal('none'), salt: base64url(22, 64) }),
  ]),
  /** P-256, raw. */
  public: base64url(87, 87),
  /** Envelope of the private half, and of the signer that was true when it was made: what the server shows must lead on from there. */
  private: base64url(104, 1_024),
  /** P-256, raw: the other side of the agreement under which `secrets` is sealed. */
  ephemeral: base64url(87, 87),
  /** Envelope of the account's keys. */
  secrets: base64url(104, 262_144),
})

export const UnlockersSchema = v.strictObject({
  v: v.literal(1),
  /** Counts changes of the root, from 1 on. */
  generation: whole(1, GENERATIONS_MAX),
  /** One for each generation, in order: an Ed25519 public key, and what the one before signed of it. */
  signers: v.pipe(
    v.array(v.strictObject({ public: base64url(43, 43), endorsed: v.nullable(base64url(86, 86)) })),
    v.minLength(1),
    v.maxLength(GENERATIONS_MAX),
  ),
  unlockers: v.pipe(v.array(UnlockerSchema), v.minLength(1), v.maxLength(UNLOCKERS_MAX)),
  signature: base64url(86, 86),
})

export type Unlocker = v.InferOutput<typeof UnlockerSchema>
export type Unlockers = v.InferOutput<typeof UnlockersSchema>

/** What the present generation's signer signs: everything but the signature. */
export const unlockersBytes = (unlockers: Unlockers): Uint8Array => utf8ToBytes(`maestro/unlockers/1\n${canonical({ ...unlockers, signature: '' })}`)

/** What a generation's signer signs of the next one's. */
export const endorsementBytes = (generation: number, publicKey: string): Uint8Array => utf8ToBytes(`maestro/signer/1\n${generation}\n${publicKey}`)

/** A signer that somebody has reason to believe in. */
export type Pin = { readonly generation: number; readonly public: string }

/** Checks an Ed25519 signature; all three are base64url or bytes as they stand in the document. */
export type VerifySignature = (publicKey: string, signature: string, bytes: Uint8Array) => Promise<boolean>

/** Whether a document is signed, by a signer that an unbroken row of endorsements leads to from the one that is believed in. */
export async function isTrueTo(pin: Pin, unlockers: Unlockers, verify: VerifySignature): Promise<boolean> {
  const { generation, signers, signature } = unlockers
  if (signers.length !== generation || signers[pin.generation - 1]?.public !== pin.public) return false
  for (let from = pin.generation; from < generation; from++) {
    const [old, next] = [signers[from - 1], signers[from]]
    if (!old || !next?.endorsed || !(await verify(old.public, next.endorsed, endorsementBytes(from + 1, next.public)))) return false
  }
  const last = signers.at(-1)
  return last !== undefined && verify(last.public, signature, unlockersBytes(unlockers))
}

/** The account's keys as the unlock document hands them out: usable, and exportable by nobody. */
export type AccountHandles = {
  readonly generation: number
  /** Names records and digests; the same for the life of the account. */
  readonly names: unknown
  /** One root for each generation, the present one last. */
  readonly roots: readonly { readonly generation: number; readonly key: unknown }[]
  readonly unlockers: Unlockers
}
