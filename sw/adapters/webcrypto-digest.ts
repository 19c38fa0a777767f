import { bytesToHex } from '../../src/base/bytes.ts'

/** SHA-256, hex, by the browser: a cold worker need not warm up for it. */
export const webCryptoDigest = async (bytes: Uint8Array): Promise<string> =>
  bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource)))
