/**
 * This device's own signature: Ed25519, by a key that is made on first use, kept beside the other keys and never given out (law 10).
 * A copied profile copies the key with it; a wiped one gets a new key, which the server has to certify anew.
 * What is signed says by itself what it is: every statement names its kind, so that no signature of one serves as another.
 */
export interface DeviceSigner {
  /** The raw public key (32 bytes), base64url. Rejects where the browser has no Ed25519 or the store cannot be opened. */
  publicKey(): Promise<string>
  /** 64 bytes (RFC 8032). Rejects as `publicKey` does. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

export type DeviceSignerDep = { readonly signer: DeviceSigner }
