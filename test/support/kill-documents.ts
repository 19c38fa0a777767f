import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { KILL_TYP } from '../../src/protocol/kill-document.ts'
import type { KillClaims } from '../../src/protocol/kill-document.ts'

export type KillKey = { readonly privateKey: KeyObject; readonly publicKey: string }

const rawOf = (key: KeyObject): string => String(key.export({ format: 'jwk' }).x)

export const newKillKey = (): KillKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, publicKey: rawOf(publicKey) }
}

const part = (text: string): string => Buffer.from(text).toString('base64url')

export const kidOf = (publicKey: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${publicKey}"}`).digest('base64url')

/** Signs header and claims as texts, whatever they are: a bad document is made by whoever holds a good key. */
export const signTexts = ({ privateKey }: KillKey, header: string, claims: string): string => {
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}

export const headerOf = ({ publicKey }: KillKey): string => JSON.stringify({ alg: 'EdDSA', kid: kidOf(publicKey), typ: KILL_TYP })

export const claimsOf = (version: number, action: KillClaims['action'], more: Partial<KillClaims> = {}): KillClaims => ({
  version,
  issued: '2026-01-01T00:00:00.000Z',
  expires: '2099-01-01T00:00:00.000Z',
  action,
  ...more,
})

export const killDocument = (key: KillKey, version: number, action: KillClaims['action'], more: Partial<KillClaims> = {}): string =>
  signTexts(key, headerOf(key), JSON.stringify(claimsOf(version, action, more)))
