/** A device that signs heads of its chain, and a server that certifies and counter-signs them, for tests. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { makeSigningKey, readSigningKey, type SigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import { HEAD_TYP, SEEN_TYP, type Head, type ServerKey, type SignedHead } from '../../src/audit/signed-head.ts'
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { unsignedJws } from '../../src/protocol/compact-jws.ts'
import { DEVICE_TYP } from '../../src/protocol/receipt-token.ts'
import type { DeviceSigner } from '../../sw/ports/device-signer.ts'

export type HeadDevice = { readonly key: string; readonly signer: DeviceSigner; head(claims: Omit<Head, 'v'>, typ?: string): string }

export function headDevice(): HeadDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'jwk' }).x ?? ''
  const signed = (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, privateKey))
  return {
    key,
    signer: { publicKey: async () => key, sign: async (bytes) => signed(bytes) },
    head(claims, typ = HEAD_TYP) {
      const unsigned = unsignedJws(typ, { v: 1, ...claims })
      return `${unsigned}.${bytesToBase64Url(signed(utf8ToBytes(unsigned)))}`
    },
  }
}

export const serverKey = async (): Promise<SigningKey> => readSigningKey(await makeSigningKey())

export const keysOf = (key: SigningKey): ServerKey[] => key.jwks.keys.map(({ kid = '', x = '' }) => ({ kid, x }))

/** What a server makes of a device's head; every part can be made wrong. */
export async function witness(
  key: SigningKey,
  head: string,
  of: Omit<Head, 'v' | 'at'> & { readonly key: string },
  wrong: { readonly seen?: object; readonly certificate?: object; readonly now?: number } = {},
): Promise<SignedHead> {
  const now = wrong.now ?? 1_800_000_000_000
  const { principal: user, seq, hash, ...device } = of
  const whom = { v: 1, ...device, principal: `sub-${user}` }
  return {
    head,
    seen: await key.sign(SEEN_TYP, { ...whom, seq, hash, seen: now, ...wrong.seen }),
    certificate: await key.sign(DEVICE_TYP, { ...whom, user, issued: now, expires: now + 7 * 86_400_000, ...wrong.certificate }),
  }
}
