/**
 * The account's keys and their unlockers, as bytes: this runs in the unlock document and nowhere else.
 *
 * U1 Root bytes exist here while a ceremony runs; what leaves is sealed, or a handle that cannot be exported.
 * U2 What the server kept is believed only when it leads on, endorsement by endorsement, from the signer that a secret itself vouches for,
 *    and is signed by the very root it opens to: a server can seal anything to a public key.
 */
import { base64UrlToBytes, bytesToBase64Url, bytesToHex, concatBytes, utf8ToBytes } from '../../base/bytes.ts'
import { openEnvelope, sealEnvelope } from '../../base/envelope.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { isTrueTo, unlockersBytes, type AccountHandles, type Pin, type Unlocker, type Unlockers } from '../../protocol/account.ts'
import * as v from '../../protocol/schema.ts'
import { own, randomBytes } from './bytes.ts'
import { cipherOf } from './cipher.ts'
import { endorse, signerOf, verifyEd25519 } from './signer.ts'
import { freshStretch, stretch, type Secret } from './stretch.ts'

/** `WRONG_SECRET`: it opens none of them. `FORGED`: something opened, and it is not what the account's own key signed. */
export type UnlockFailure = 'WRONG_SECRET' | 'FORGED'

const KEY_BYTES = 32
const P256 = { name: 'ECDH', namedCurve: 'P-256' } as const

const SecretsSchema = v.strictObject({ names: v.string(), roots: v.pipe(v.array(v.string()), v.minLength(1)) })
type Secrets = v.InferOutput<typeof SecretsSchema>

/** What a secret opens: the door's private half, and the signer of its day. */
const KeptSchema = v.strictObject({ pkcs8: v.string(), generation: v.number(), signer: v.string() })

/** A new unlocker: its pair, and how its secret opens it. The account's keys are not sealed to it yet. */
type Door = Omit<Unlocker, 'ephemeral' | 'secrets'>

const at = (id: string, what: 'private' | 'secrets') => ({ store: 'account', record: id, what })
const publicOf = async (key: CryptoKey): Promise<string> => bytesToBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', key)))
const importPublic = (raw: Uint8Array): Promise<CryptoKey> => crypto.subtle.importKey('raw', own(raw), P256, false, [])

const agreed = async (mine: CryptoKey, theirs: CryptoKey, ephemeral: string, door: string) => {
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, mine, 256))
  return cipherOf(concatBytes(shared, utf8ToBytes(`maestro/unlock/1\n${ephemeral}\n${door}`)))
}

async function makeDoor(secret: Secret, pin: Pin): Promise<Door> {
  const id = bytesToHex(randomBytes(8))
  const how = freshStretch(secret.kind)
  const key = await stretch(secret, how)
  if (!key) throw new Error('this cannot be such a secret')
  const pair = await crypto.subtle.generateKey(P256, true, ['deriveBits'])
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  const kept = { pkcs8: bytesToBase64Url(pkcs8), generation: pin.generation, signer: pin.public }
  const sealed = await sealEnvelope(await cipherOf(key), 1, at(id, 'private'), utf8ToBytes(JSON.stringify(kept)))
  return { id, kind: secret.kind, stretch: how, public: await publicOf(pair.publicKey), private: bytesToBase64Url(sealed) }
}

async function sealTo({ id, kind, stretch: how, public: door, private: kept }: Door, secrets: Secrets): Promise<Unlocker> {
  const raw = base64UrlToBytes(door)
  if (!raw) throw new Error('not a public key')
  const pair = await crypto.subtle.generateKey(P256, false, ['deriveBits'])
  const ephemeral = await publicOf(pair.publicKey)
  const cipher = await agreed(pair.privateKey, await importPublic(raw), ephemeral, door)
  const sealed = await sealEnvelope(cipher, secrets.roots.length, at(id, 'secrets'), utf8ToBytes(JSON.stringify(secrets)))
  return { id, kind, stretch: how, public: door, private: kept, ephemeral, secrets: bytesToBase64Url(sealed) }
}

const parsed = <S extends v.GenericSchema>(schema: S, bytes: Uint8Array): v.InferOutput<S> =>
  v.parse(schema, JSON.parse(new TextDecoder().decode(bytes)))

async function openDoor(door: Unlocker, secret: Secret): Promise<{ readonly secrets: Secrets; readonly pin: Pin } | null> {
  const key = door.kind === secret.kind ? await stretch(secret, door.stretch) : null
  const [kept, raw, sealed] = [door.private, door.ephemeral, door.secrets].map(base64UrlToBytes)
  if (!key || !kept || !raw || !sealed) return null
  const opened = await openEnvelope(await cipherOf(key), at(door.id, 'private'), kept)
  if (!opened.ok) return null
  const { pkcs8, generation, signer } = parsed(KeptSchema, opened.value)
  const mine = await crypto.subtle.importKey('pkcs8', own(base64UrlToBytes(pkcs8) ?? new Uint8Array()), P256, false, ['deriveBits'])
  const plain = await openEnvelope(await agreed(mine, await importPublic(raw), door.ephemeral, door.public), at(door.id, 'secrets'), sealed)
  return plain.ok ? { secrets: parsed(SecretsSchema, plain.value), pin: { generation, public: signer } } : null
}

const bytesOf = (text: string): Uint8Array => {
  const bytes = base64UrlToBytes(text)
  if (bytes?.length !== KEY_BYTES) throw new Error('not a key')
  return bytes
}

const handle = (text: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', own(bytesOf(text)), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])

const handlesOf = async ({ names, roots }: Secrets, unlockers: Unlockers): Promise<AccountHandles> => ({
  generation: unlockers.generation,
  names: await handle(names),
  roots: await Promise.all(roots.map(async (root, i) => ({ generation: i + 1, key: await handle(root) }))),
  unlockers,
})

const rootOf = (secrets: Secrets, generation: number): Uint8Array => bytesOf(secrets.roots[generation - 1] ?? '')

/** Seals the keys to the doors that stay and to new ones, and signs. */
async function publish(secrets: Secrets, kept: readonly Door[], added: readonly Secret[], before: Unlockers | null): Promise<AccountHandles> {
  const generation = secrets.roots.length
  const signer = await signerOf(rootOf(secrets, generation))
  const old = before && (await signerOf(rootOf(secrets, generation - 1)))
  const doors = [...kept, ...(await Promise.all(added.map((secret) => makeDoor(secret, { generation, public: signer.public }))))]
  const document: Unlockers = {
    v: 1,
    generation,
    signers: [...(before?.signers ?? []), { public: signer.public, endorsed: old && (await endorse(old, generation, signer)) }],
    unlockers: await Promise.all(doors.map((door) => sealTo(door, secrets))),
    signature: '',
  }
  return handlesOf(secrets, { ...document, signature: await signer.sign(unlockersBytes(document)) })
}

/** A new account. Its keys are random; the secrets only open them. */
export const createAccount = (secrets: readonly Secret[]): Promise<AccountHandles> =>
  publish({ names: bytesToBase64Url(randomBytes(KEY_BYTES)), roots: [bytesToBase64Url(randomBytes(KEY_BYTES))] }, [], secrets, null)

async function enter(unlockers: Unlockers, secret: Secret): Promise<Result<Secrets, UnlockFailure>> {
  for (const door of unlockers.unlockers) {
    const opened = await openDoor(door, secret).catch(() => null)
    if (!opened) continue
    const { secrets, pin } = opened
    if (secrets.roots.length !== unlockers.generation || !(await isTrueTo(pin, unlockers, verifyEd25519))) return err('FORGED')
    const { public: present } = await signerOf(rootOf(secrets, unlockers.generation))
    return present === unlockers.signers.at(-1)?.public ? ok(secrets) : err('FORGED')
  }
  return err('WRONG_SECRET')
}

/** The account's keys, by one of its secrets. */
export async function unlockAccount(unlockers: Unlockers, secret: Secret): Promise<Result<AccountHandles, UnlockFailure>> {
  const secrets = await enter(unlockers, secret)
  return secrets.ok ? ok(await handlesOf(secrets.value, unlockers)) : secrets
}

/**
 * Puts a new secret in the place of those of its kind, under a new root: whoever knew an old one has nothing of what is sealed from now
 * on. Earlier roots travel along, so that nothing sealed under them is lost.
 */
export async function changeAccount(unlockers: Unlockers, secret: Secret, next: Secret): Promise<Result<AccountHandles, UnlockFailure>> {
  const entered = await enter(unlockers, secret)
  if (!entered.ok) return entered
  const { names, roots } = entered.value
  const kept = unlockers.unlockers.filter(({ kind }) => kind !== next.kind)
  return ok(await publish({ names, roots: [...roots, bytesToBase64Url(randomBytes(KEY_BYTES))] }, kept, [next], unlockers))
}
