/** The browser's two WebAuthn ceremonies, with everything in and out as base64url. Both reject with a `DOMException` when the person does not go on. */
import { base64UrlToBytes, bytesToBase64Url } from '../base/bytes.ts'
import type { Assertion } from '../protocol/webauthn.ts'
import type { PasskeyInfo } from './source.ts'

/** How long a person may take, ms. */
const TIMEOUT_MS = 120_000

/** COSE algorithm numbers of what the server takes. */
const ALGORITHMS: readonly (readonly [number, 'ES256' | 'EdDSA'])[] = [
  [-7, 'ES256'],
  [-8, 'EdDSA'],
]

export type NewPasskey = {
  readonly id: string
  readonly alg: 'ES256' | 'EdDSA'
  /** A SubjectPublicKeyInfo. */
  readonly key: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
}

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
const text = (buffer: ArrayBuffer): string => bytesToBase64Url(new Uint8Array(buffer))

const listed = (ids: readonly string[]): PublicKeyCredentialDescriptor[] =>
  ids.map((id) => ({ type: 'public-key', id: own(base64UrlToBytes(id) ?? new Uint8Array()) }))

/** Makes a passkey for the person; the authenticator verifies them. */
export async function makePasskey({ rp, tenant, user, passkeys }: PasskeyInfo): Promise<NewPasskey> {
  const handle = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${tenant}\n${user}`))
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { id: rp, name: rp },
      user: { id: handle, name: user, displayName: user },
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      pubKeyCredParams: ALGORITHMS.map(([alg]) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      excludeCredentials: listed(passkeys),
      attestation: 'none',
      timeout: TIMEOUT_MS,
    },
  })
  const response = made instanceof PublicKeyCredential ? made.response : null
  if (!(made instanceof PublicKeyCredential) || !(response instanceof AuthenticatorAttestationResponse)) throw new Error('no passkey was made')
  const key = response.getPublicKey()
  const alg = ALGORITHMS.find(([number]) => number === response.getPublicKeyAlgorithm())?.[1]
  if (key === null || alg === undefined) throw new Error('a passkey of an unknown kind was made')
  return {
    id: text(made.rawId),
    alg,
    key: text(key),
    authenticatorData: text(response.getAuthenticatorData()),
    clientDataJSON: text(response.clientDataJSON),
  }
}

/** Has one of the passkeys sign a challenge; the authenticator verifies the person. */
export async function assertPasskey(challenge: Uint8Array, passkeys: readonly string[], rp: string): Promise<Assertion> {
  const got = await navigator.credentials.get({
    publicKey: { challenge: own(challenge), rpId: rp, allowCredentials: listed(passkeys), userVerification: 'required', timeout: TIMEOUT_MS },
  })
  const response = got instanceof PublicKeyCredential ? got.response : null
  if (!(got instanceof PublicKeyCredential) || !(response instanceof AuthenticatorAssertionResponse)) throw new Error('nothing was signed')
  return {
    credential: text(got.rawId),
    authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON),
    signature: text(response.signature),
  }
}
