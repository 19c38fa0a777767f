import type { Page } from 'playwright-core'
import type { MaestroWindow } from './in-page.ts'

/** Gives the signed-in demo user a passkey on the page's authenticator, after a login made for it. Resolves with its id. */
export const enrolPasskey = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { maestro } = window as unknown as MaestroWindow
    const text = (bytes: ArrayBuffer): string =>
      btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', '')
    const made = (await navigator.credentials.create({
      publicKey: {
        rp: { id: 'localhost', name: 'test' },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'demo', displayName: 'demo' },
        challenge: new Uint8Array(32),
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { userVerification: 'required' },
      },
    })) as PublicKeyCredential
    const response = made.response as AuthenticatorAttestationResponse
    const credential = {
      id: text(made.rawId),
      alg: 'ES256',
      key: text(response.getPublicKey() ?? new ArrayBuffer(0)),
      authenticatorData: text(response.getAuthenticatorData()),
      clientDataJSON: text(response.clientDataJSON),
    }
    const login = { email: 'demo@example.com', password: 'demo' }
    const said = await maestro.command('passkeyEnrol', { enrolment: { credential, login } })
    if (!said.ok) throw new Error(said.error.message)
    return credential.id
  })
