/** Seals what leaves this browser for another one, under a code that is made for it and shown once. */
export interface CapsuleCipher {
  seal(plain: Uint8Array): Promise<{ readonly capsule: string; readonly code: string }>
  /** `null` when the code is another one's, or a single character of the capsule was changed. Blanks and case in the code do not matter. */
  open(capsule: string, code: string): Promise<Uint8Array | null>
}

export type CapsuleCipherDep = { readonly cipher: CapsuleCipher }
