/**
 * What this device keeps of its person's passkeys: the server's certificates and keys, sealed, so that an approval can be verified offline; and the
 * certificate of its own key. All of it is public; it is sealed so that a row cannot be swapped. What is there and cannot be read (another key's,
 * a newer build's) is said once and left as it is: this worker then goes by what the server says.
 */
import { bytesToUtf8, utf8ToBytes } from '../../src/base/bytes.ts'
import { readCompactJws } from '../../src/protocol/compact-jws.ts'
import { PASSKEY_TYP, PasskeyCertificateSchema } from '../../src/protocol/receipt-token.ts'
import type { PasskeyCertificate } from '../../src/protocol/receipt-token.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { KeyringDep, KeyringFailure, SealContext } from '../ports/keyring.ts'
import type { CertifiedPasskeys, ServerKey } from '../ports/passkey-server.ts'
import type { LogDep } from '../ports/log.ts'
import type { SecretStoreDep } from '../ports/secret-store.ts'
import type { SignaturesDep } from '../ports/signatures.ts'

const DeviceSchema = v.strictObject({ key: v.string(), device: v.string(), certificate: v.string(), issued: v.number(), expires: v.number() })
const KeptSchema = v.strictObject({
  keys: v.array(v.strictObject({ kid: v.string(), x: v.string() })),
  certificates: v.array(v.string()),
  device: v.nullable(DeviceSchema),
})
export type Kept = v.InferOutput<typeof KeptSchema>

/** A passkey whose certificate the server signed, with the certificate to show on. */
export type KnownPasskey = PasskeyCertificate & { readonly certificate: string }

export type KeptPasskeys = {
  load(principal: Principal): Promise<Kept>
  /** Takes what the server said, or what it said of this device; other parts stay. */
  keep(principal: Principal, part: CertifiedPasskeys | Pick<Kept, 'device'>): Promise<void>
  /** Those of this person that the server certified, by the keys we know; as far as they were read already. */
  known(principal: Principal): readonly KnownPasskey[]
}

const FINAL: ReadonlySet<KeyringFailure> = new Set<KeyringFailure>(['UNREADABLE', 'KEY_MISMATCH'])

const NOTHING: Kept = { keys: [], certificates: [], device: null }

type Deps = KeyringDep & LogDep & SecretStoreDep & SignaturesDep & { readonly pinned: readonly ServerKey[] | null }

export function createKeptPasskeys({ keyring, log, secrets, signatures, pinned }: Deps): KeptPasskeys {
  const loaded = new Map<string, Promise<Kept>>()
  const unreadable = new Set<string>()
  let writing: Promise<unknown> = Promise.resolve()
  const known = new Map<string, readonly KnownPasskey[]>()
  const nameOf = (owner: string): string => `passkeys/${owner}`
  const contextOf = (owner: string): SealContext => ({ store: 'maestro_secrets', record: 'passkeys', owner, shape: 1 })

  async function read(owner: string): Promise<Kept> {
    const sealed = await secrets.get(nameOf(owner))
    if (sealed === undefined) return NOTHING
    const plain = sealed instanceof Uint8Array ? await keyring.open(contextOf(owner), sealed) : null
    // A keyring that is away for a moment says nothing about the row.
    if (plain && !plain.ok && !FINAL.has(plain.error)) throw new Error(`the device key cannot be used now (${plain.error})`)
    const parsed = plain?.ok ? v.safeParse(v.pipe(v.string(), v.parseJson(), KeptSchema), bytesToUtf8(plain.value)) : null
    if (parsed?.success) return parsed.output
    unreadable.add(owner)
    log.line({ level: 'warn', text: '[MAESTRO] What this device kept of passkeys cannot be read and is left as it is', code: 'RECORD_UNREADABLE' })
    return NOTHING
  }

  /** Disk is not trusted: a certificate counts when the server signed it for this very person (law 8). */
  async function check(principal: Principal, { keys, certificates }: Kept): Promise<readonly KnownPasskey[]> {
    const trusted = pinned ?? keys
    const found = await Promise.all(
      certificates.map(async (certificate): Promise<KnownPasskey | null> => {
        const jws = readCompactJws(certificate)
        const parsed = v.safeParse(PasskeyCertificateSchema, jws?.payload)
        const key = trusted.find(({ kid }) => kid === jws?.kid)
        if (!jws || !parsed.success || !key || jws.typ !== PASSKEY_TYP) return null
        if (parsed.output.tenant !== principal.tenant || parsed.output.user !== principal.user) return null
        return (await signatures.isByKey(key.x, jws.signed, jws.signature)) ? { ...parsed.output, certificate } : null
      }),
    )
    return found.filter((passkey) => passkey !== null)
  }

  async function take(principal: Principal, kept: Kept): Promise<Kept> {
    known.set(ownerOf(principal), await check(principal, kept))
    return kept
  }

  /** What fails is not remembered: the next one who asks tries again. */
  const hold = (owner: string, work: Promise<Kept>): Promise<Kept> => {
    loaded.set(owner, work)
    work.catch(() => loaded.get(owner) === work && loaded.delete(owner))
    return work
  }

  const load: KeptPasskeys['load'] = (principal) => {
    const owner = ownerOf(principal)
    return (
      loaded.get(owner) ??
      hold(
        owner,
        read(owner).then((kept) => take(principal, kept)),
      )
    )
  }

  return {
    load,
    known: (principal) => known.get(ownerOf(principal)) ?? [],
    async keep(principal, part) {
      const owner = ownerOf(principal)
      const fresh = 'keys' in part ? { keys: part.keys.map(({ kid, x }) => ({ kid, x })), certificates: [...part.certificates] } : part
      // Two at once build on each other, and what is written is the newest of both.
      await hold(
        owner,
        load(principal).then((before) => take(principal, { ...before, ...fresh })),
      )
      if (unreadable.has(owner)) return
      const turn = writing.then(async () =>
        secrets.set(nameOf(owner), await keyring.seal(contextOf(owner), utf8ToBytes(JSON.stringify(await load(principal))))),
      )
      writing = turn.catch(() => undefined)
      await turn
    },
  }
}
