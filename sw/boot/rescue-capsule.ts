/** Unsent work, sealed for another browser: `maestro-sw/rescue`. */
import { webCryptoCapsuleCipher } from '../adapters/webcrypto-capsule-cipher.ts'
import { createRescue } from '../runtime/capsule.ts'
import type { RescueKit } from '../runtime/kits.ts'

/** Give it to `createMaestro` as `rescue`, and the outbox panel can export and import. */
export const rescueCapsule: RescueKit = { cipher: webCryptoCapsuleCipher, createRescue }
