import { bytesToHex, utf8ToBytes } from './bytes.ts'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'
import { sha256 } from './sha256.ts'

/** SHA-256, hex. */
export const digestBytes = (bytes: Uint8Array): string => bytesToHex(sha256(bytes))

/** SHA-256, hex, of a value's canonical bytes. */
export const digestJson = (value: Json): string => digestBytes(utf8ToBytes(canonical(value)))
