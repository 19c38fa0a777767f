/** Checks signatures of others. A key that is none has signed nothing; never rejects. */
export interface Signatures {
  /** By a raw Ed25519 key, base64url. */
  isByKey(key: string, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>
  /** By a passkey: a SubjectPublicKeyInfo, base64url; r ‖ s for ES256. */
  isByPasskey(key: { readonly alg: 'ES256' | 'EdDSA'; readonly key: string }, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>
}

export type SignaturesDep = { readonly signatures: Signatures }
