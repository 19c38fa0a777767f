/** The page's side of approvals by passkey: `maestro-sw/passkeys/page`. */
export { enrolPasskey, type Login } from './enrol-passkey.ts'
export { offerPasskey } from './offer-passkey.ts'
export { verifyWithPasskey } from './verify-with-passkey.ts'
export type { PasskeySource } from './source.ts'
