/** Checks Ed25519 signatures (RFC 8032) of the pinned keys. */
export interface KillVerifier {
  /** Whether `signature` is of `bytes` by this raw public key (base64url). False too where the browser has no Ed25519: then nothing is accepted. */
  verify(publicKey: string, signature: Uint8Array, bytes: Uint8Array): Promise<boolean>
}
