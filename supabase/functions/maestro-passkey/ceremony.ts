/** What WebAuthn ceremonies must say of themselves (WebAuthn Level 3, sections 7.1 and 7.2), on Web APIs only. */
import * as v from 'valibot'

type Bytes = Uint8Array<ArrayBuffer>

/** Strict base64url; null for another spelling of the same bytes. */
export const bytesOf = (text: string): Bytes | null => {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    return textOf(bytes) === text ? bytes : null
  } catch {
    return null
  }
}

export const textOf = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

export const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

const ClientSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    type: v.string(),
    challenge: v.string(),
    origin: v.string(),
    crossOrigin: v.optional(v.boolean()),
    topOrigin: v.optional(v.string()),
  }),
)

export type Ceremony = { readonly origin: string; readonly challenge: string; readonly rp: string }

const PRESENT_AND_VERIFIED = 0x05

/** Origin, challenge and host of a ceremony in which the person was there and verified, in a page of its own; null for any other. */
export const readCeremony = async (
  type: 'webauthn.create' | 'webauthn.get',
  clientDataJSON: Bytes,
  authenticatorData: Bytes,
): Promise<Ceremony | null> => {
  const client = v.safeParse(ClientSchema, new TextDecoder().decode(clientDataJSON))
  if (!client.success || authenticatorData.length < 37) return null
  const { type: said, origin, challenge, crossOrigin, topOrigin } = client.output
  if (said !== type || crossOrigin === true || topOrigin !== undefined || !URL.canParse(origin)) return null
  if (((authenticatorData[32] ?? 0) & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED) return null
  const rp = new URL(origin).hostname
  const isForRp = textOf(authenticatorData.subarray(0, 32)) === textOf(await sha256(new TextEncoder().encode(rp)))
  return isForRp ? { origin, challenge, rp } : null
}

/** The credential's id in the data of a new one: after the flags, the counter and the authenticator's kind. */
export const attestedId = (authenticatorData: Bytes): string | null => {
  if (((authenticatorData[32] ?? 0) & 0x40) === 0 || authenticatorData.length < 55) return null
  const length = ((authenticatorData[53] ?? 0) << 8) | (authenticatorData[54] ?? 0)
  return authenticatorData.length > 55 + length ? textOf(authenticatorData.subarray(55, 55 + length)) : null
}
