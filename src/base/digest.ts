import { _SHA256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from './bytes.ts'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'

/** SHA-256, hex. Synchronous on purpose: it must run inside an IndexedDB transaction, where awaiting WebCrypto would end it. */
export const digestBytes = (bytes: Uint8Array): string => bytesToHex(new _SHA256().update(bytes).digest())

/** SHA-256, hex, of a value's canonical bytes. */
export const digestJson = (value: Json): string => digestBytes(utf8ToBytes(canonical(value)))
