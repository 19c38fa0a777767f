import { join } from 'node:path'
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { CryptoKey, JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import { privateOnce } from '../private-file.ts'

export type SigningKey = {
  readonly kid: string
  readonly privateKey: CryptoKey
  /** What `/auth/v1/.well-known/jwks.json` shows. */
  readonly jwks: JSONWebKeySet
  readonly keys: JWTVerifyGetKey
}

const makeKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify(await exportJWK(privateKey))
}

/** This install's ES256 key, made at its first start and kept in `signing-key.json` (0600). */
export const loadSigningKey = async (dataDir: string): Promise<SigningKey> => {
  const { d, ...open } = JSON.parse(await privateOnce(join(dataDir, 'signing-key.json'), makeKey))
  const kid = await calculateJwkThumbprint(open)
  const privateKey = await importJWK({ ...open, d }, 'ES256')
  if (privateKey instanceof Uint8Array) throw new Error('signing-key.json does not hold an ES256 key')
  const jwks = { keys: [{ ...open, kid, alg: 'ES256', use: 'sig' }] }
  return { kid, privateKey, jwks, keys: createLocalJWKSet(jwks) }
}
