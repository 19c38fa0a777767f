import { join } from 'node:path'
import { makeSigningKey, readSigningKey } from '../functions/_shared/signing-key.ts'
import type { KillKeys } from '../functions/maestro-flag/kill-keys.ts'
import { privateOnce } from './private-file.ts'

/** What a build pins: raw Ed25519 public keys, base64url. */
export type PinnedKillKeys = { readonly stop: string; readonly resume: string }

/** This install's two kill keys, made once in `stop.key` and `resume.key` (0600). Elsewhere the resume key never comes near a server. */
export const loadKillKeys = async (dataDir: string): Promise<KillKeys & { readonly pinned: PinnedKillKeys }> => {
  const [stop, resume] = await Promise.all(
    ['stop.key', 'resume.key'].map(async (name) => readSigningKey(await privateOnce(join(dataDir, name), makeSigningKey))),
  )
  const publicOf = (key: typeof stop): string => String(key?.jwks.keys[0]?.['x'])
  return { stop: stop ?? null, resume: resume ?? null, resumePublic: publicOf(resume), pinned: { stop: publicOf(stop), resume: publicOf(resume) } }
}
