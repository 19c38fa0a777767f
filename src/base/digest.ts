import { utf8ToBytes } from './bytes.ts'
import { canonical } from './canonical.ts'
import type { Json } from './json.ts'
import { sha256 } from './sha256.ts'

/** SHA-256, hex. */
export { sha256 as digestBytes } from './sha256.ts'

/** SHA-256, hex, of a value's canonical bytes. */
export const digestJson = (value: Json): string => sha256(utf8ToBytes(canonical(value)))
