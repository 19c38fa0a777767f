import * as v from 'valibot'
import { LIMITS } from './limits.ts'

const ExpiresSchema = v.object({ expires: v.pipe(v.string(), v.transform(Date.parse), v.number()) })

/**
 * Until when (epoch ms) devices may accept the document in force. The operator's own, a compact JWS, says so itself, and nobody here can prolong it;
 * one that is signed here when it is asked for (null) always has its whole life before it.
 */
export const killExpires = (document: string | null, now: number): number => {
  if (document === null) return now + LIMITS.killLifetimeS * 1000
  const [, body = ''] = document.split('.')
  const bytes = Uint8Array.from(atob(body.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.codePointAt(0) ?? 0)
  return v.parse(ExpiresSchema, JSON.parse(new TextDecoder().decode(bytes))).expires
}
