/** An authenticator in software: what a passkey would answer, and every wrong answer that one could be made to give. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Assertion } from '../../src/protocol/webauthn.ts'

export type Twist = {
  readonly challenge?: string
  readonly origin?: string
  readonly rp?: string
  readonly type?: string
  readonly flags?: number
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  readonly credential?: string
}

export type SoftwarePasskey = {
  readonly id: string
  readonly alg: 'ES256' | 'EdDSA'
  /** SubjectPublicKeyInfo, base64url. */
  readonly key: string
  /** Over a digest in hex; `twist` makes one part wrong and signs it all the same. */
  assert(digest: string, origin: string, twist?: Twist): Assertion
  /** The body's `credential` of `POST maestro-passkey`. */
  credential(origin: string, twist?: Twist): Record<string, string>
}

const PRESENT_AND_VERIFIED = 0x05
const ATTESTED = 0x40

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

const clientData = (type: string, challenge: string, origin: string, { crossOrigin = false, topOrigin }: Twist): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin, ...(topOrigin === undefined ? {} : { topOrigin }) }))

const header = (rp: string, flags: number): Buffer => Buffer.concat([sha256(rp), Buffer.from([flags, 0, 0, 0, 1])])

export function softwarePasskey(alg: 'ES256' | 'EdDSA' = 'ES256'): SoftwarePasskey {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } =
    alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const rawId = randomBytes(16)
  const id = base64Url(rawId)
  return {
    id,
    alg,
    key: base64Url(pair.publicKey.export({ type: 'spki', format: 'der' })),
    assert(digest, origin, twist = {}) {
      const challenge = twist.challenge ?? Buffer.from(digest, 'hex').toString('base64url')
      const client = clientData(twist.type ?? 'webauthn.get', challenge, twist.origin ?? origin, twist)
      const data = header(twist.rp ?? new URL(origin).hostname, twist.flags ?? PRESENT_AND_VERIFIED)
      const signed = Buffer.concat([data, sha256(client)])
      return {
        credential: twist.credential ?? id,
        authenticatorData: base64Url(data),
        clientDataJSON: base64Url(client),
        signature: base64Url(sign(alg === 'ES256' ? 'sha256' : null, signed, pair.privateKey)),
      }
    },
    credential(origin, twist = {}) {
      const length = Buffer.from([0, rawId.length])
      const flags = twist.flags ?? PRESENT_AND_VERIFIED | ATTESTED
      const data = Buffer.concat([header(twist.rp ?? new URL(origin).hostname, flags), Buffer.alloc(16), length, rawId, Buffer.from([0xa0])])
      const client = clientData(twist.type ?? 'webauthn.create', 'bm8', twist.origin ?? origin, twist)
      return { id: twist.credential ?? id, alg, key: this.key, authenticatorData: base64Url(data), clientDataJSON: base64Url(client) }
    },
  }
}
