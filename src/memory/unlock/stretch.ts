/** From what a person types to a key: Argon2id for passphrases, nothing for the recovery code, which is random already. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { argon2id } from 'hash-wasm'
import { base64UrlToBytes, bytesToBase64Url, concatBytes, utf8ToBytes } from '../../base/bytes.ts'
import { ARGON2, type Unlocker } from '../../protocol/account.ts'
import { randomBytes, sha256 } from './bytes.ts'

const SALT_BYTES = 16
const CODE_BYTES = 32

/** A typed secret: its kind says which unlockers it may open. */
export type Secret = { readonly kind: 'passphrase' | 'recovery-code'; readonly text: string }

export const freshStretch = (kind: Secret['kind']): Unlocker['stretch'] => {
  const salt = bytesToBase64Url(randomBytes(SALT_BYTES))
  return kind === 'passphrase' ? { name: 'argon2id', salt, ...ARGON2 } : { name: 'none', salt }
}

/** 24 words of 256 random bits and their checksum. */
export const makeRecoveryCode = (): string => entropyToMnemonic(randomBytes(CODE_BYTES), wordlist)

/** As a person may type the words back; `null` when a word or the checksum is wrong. */
export function readRecoveryCode(text: string): Uint8Array | null {
  const words =
    text
      .toLowerCase()
      .normalize('NFKD')
      .match(/[a-z]+/g) ?? []
  try {
    const entropy = mnemonicToEntropy(words.join(' '), wordlist)
    return entropy.length === CODE_BYTES ? entropy : null
  } catch {
    return null
  }
}

/** The 32 bytes that open an unlocker's private half; `null` when the text cannot be a secret of this kind. */
export async function stretch(secret: Secret, how: Unlocker['stretch']): Promise<Uint8Array | null> {
  const salt = base64UrlToBytes(how.salt)
  if (!salt) return null
  if (secret.kind === 'recovery-code') {
    const entropy = readRecoveryCode(secret.text)
    return entropy && how.name === 'none' ? sha256(concatBytes(utf8ToBytes('maestro/recovery/1'), salt, entropy)) : null
  }
  if (how.name !== 'argon2id') return null
  return argon2id({
    // The same passphrase however a keyboard composes its letters.
    password: secret.text.normalize('NFKC'),
    salt,
    memorySize: how.memoryKiB,
    iterations: how.passes,
    parallelism: how.lanes,
    hashLength: 32,
    outputType: 'binary',
  })
}
