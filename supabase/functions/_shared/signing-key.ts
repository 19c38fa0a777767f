/**
 * The server's own signature (Ed25519): certificates of devices and passkeys, counter-signatures of heads, kill documents. The private key is a
 * JWK in `MAESTRO_SIGNING_KEY`; the local stack makes one per install. Changing it ends what it certified: publish the old public key beside the
 * new one until the last certificate has ended.
 */
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JSONWebKeySet } from 'jose'
import * as v from 'valibot'

export type SigningKey = {
  readonly kid: string
  /** What `GET maestro-sync/keys` answers: public keys only. */
  readonly jwks: JSONWebKeySet
  /** A compact JWS over JSON. `typ` says what kind of statement it is, so that one kind never passes for another. */
  sign(typ: string, payload: Readonly<Record<string, unknown>>): Promise<string>
}

const part = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const PrivateSchema = v.object({ kty: v.literal('OKP'), crv: v.literal('Ed25519'), x: part, d: part })

/** A new private key as a JWK's text, for `MAESTRO_SIGNING_KEY`. */
export const makeSigningKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const { kty, crv, x, d } = await exportJWK(privateKey)
  return JSON.stringify({ kty, crv, x, d })
}

/** Throws when the text is no private Ed25519 JWK: a server that cannot sign must not start as one that can. */
export const readSigningKey = async (text: string): Promise<SigningKey> => {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), PrivateSchema), text)
  if (!parsed.success) throw new Error('MAESTRO_SIGNING_KEY is not a private Ed25519 JWK')
  const { d, ...open } = parsed.output
  const kid = await calculateJwkThumbprint(open)
  const key = await importJWK({ ...open, d }, 'EdDSA')
  const encoder = new TextEncoder()
  return {
    kid,
    jwks: { keys: [{ ...open, kid, alg: 'EdDSA', use: 'sig' }] },
    sign: (typ, payload) => new CompactSign(encoder.encode(JSON.stringify(payload))).setProtectedHeader({ alg: 'EdDSA', kid, typ }).sign(key),
  }
}
