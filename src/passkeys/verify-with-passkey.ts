import { hexToBytes } from '../base/bytes.ts'
import type { ApprovalView } from '../protocol/views.ts'
import type { Assertion } from '../protocol/webauthn.ts'
import { assertPasskey } from './ceremonies.ts'
import { offerPasskey } from './offer-passkey.ts'
import type { OfferOptions } from './offer-passkey.ts'
import type { PasskeyInfo, PasskeySource } from './source.ts'

/**
 * What the dialog asks for an approval that needs proof: `approvals.options = { verify: verifyWithPasskey(maestro) }`. The passkey signs the digest of
 * exactly what is shown. Whoever has none is offered to set one up; it rejects when the person does not go on.
 */
export const verifyWithPasskey =
  (maestro: PasskeySource, offer: Omit<OfferOptions, 'hasOthers'> = {}): ((approval: ApprovalView) => Promise<Assertion>) =>
  async ({ digest, verify }) => {
    const prove = (passkeys: readonly string[]): Promise<Assertion> => assertPasskey(hexToBytes(digest), passkeys, location.hostname)
    const listed = verify?.passkeys ?? []
    // The worker may not have asked the server yet which there are.
    const known = listed.length > 0 ? listed : await list(maestro)
    // None of them may be within reach: they can be on another device.
    const proved = known.length > 0 ? await prove(known).catch(() => null) : null
    if (proved !== null) return proved
    if (!(await offerPasskey(maestro, { ...offer, hasOthers: known.length > 0 }))) throw new Error('no passkey')
    return prove(await list(maestro))
  }

const list = async (maestro: PasskeySource): Promise<readonly string[]> => {
  const info = await maestro.command<PasskeyInfo>('passkeys')
  return info.ok ? info.value.passkeys : []
}
