/**
 * What this device keeps of its person's passkeys: the server's certificates and keys, sealed, so that an approval can be verified offline; and the
 * certificate of its own key. All of it is public; it is sealed so that a row cannot be swapped.
 */
import { bytesToUtf8, utf8ToBytes } from '../../src/base/bytes.ts'
import { readCompactJws } from '../../src/protocol/compact-jws.ts'
import { PASSKEY_TYP, PasskeyCertificateSchema } from '../../src/protocol/receipt-token.ts'
import type { PasskeyCertificate } from '../../src/protocol/receipt-token.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Principal } from '../../src/protocol/views.ts'
import { ownerOf } from '../core/admit.ts'
import type { KeyringDep, SealContext } from '../ports/keyring.ts'
import type { CertifiedPasskeys, ServerKey } from '../ports/passkey-server.ts'
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

const NOTHING: Kept = { keys: [], certificates: [], device: null }

type Deps = KeyringDep & SecretStoreDep & SignaturesDep & { readonly pinned: readonly ServerKey[] | null }

export function createKeptPasskeys({ keyring, secrets, signatures, pinned }: Deps): KeptPasskeys {
  const loaded = new Map<string, Promise<Kept>>()
  const known = new Map<string, readonly KnownPasskey[]>()
  const nameOf = (owner: string): string => `passkeys/${owner}`
  const contextOf = (owner: string): SealContext => ({ store: 'maestro_secrets', record: 'passkeys', owner, shape: 1 })

  async function read(owner: string): Promise<Kept> {
    const sealed = await secrets.get(nameOf(owner))
    const plain = sealed instanceof Uint8Array ? await keyring.open(contextOf(owner), sealed) : null
    if (!plain?.ok) return NOTHING
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), KeptSchema), bytesToUtf8(plain.value))
    return parsed.success ? parsed.output : NOTHING
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

  const load: KeptPasskeys['load'] = (principal) => {
    const owner = ownerOf(principal)
    const there = loaded.get(owner) ?? read(owner).then((kept) => take(principal, kept))
    loaded.set(owner, there)
    return there
  }

  return {
    load,
    known: (principal) => known.get(ownerOf(principal)) ?? [],
    async keep(principal, part) {
      const owner = ownerOf(principal)
      const before = await load(principal)
      const fresh = 'keys' in part ? { keys: part.keys.map(({ kid, x }) => ({ kid, x })), certificates: [...part.certificates] } : part
      const after: Kept = { ...before, ...fresh }
      loaded.set(owner, take(principal, after))
      await loaded.get(owner)
      await secrets.set(nameOf(owner), await keyring.seal(contextOf(owner), utf8ToBytes(JSON.stringify(after))))
    },
  }
}
