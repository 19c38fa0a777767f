import { look } from '../support/runtime-driver.ts'
import { withToken, type Attack } from './attack.ts'
import { certifyPasskey, createBackEnd, openBrowser, ORIGIN, softwareDevice } from './site.ts'
import { resign, type Scene } from './scene.ts'
import { softwarePasskey, type Twist } from './software-passkey.ts'

const withEvidence =
  (evidence: (scene: Scene, digest: string) => unknown): Attack =>
  async (scene) => {
    await scene.ask('p')
    await scene.decide('p', evidence(scene, (await look(scene.browser.runtime, 'p'))?.digest ?? ''))
    await scene.wake()
    return 0
  }

const TWISTS: readonly Twist[] = [
  { flags: 0x01 },
  { flags: 0x04 },
  { flags: 0 },
  { origin: 'http://evil.example' },
  { origin: `${ORIGIN}:81` },
  { rp: 'evil.example' },
  { type: 'webauthn.create' },
  { challenge: 'AAAA' },
  { crossOrigin: true },
  { topOrigin: 'http://evil.example' },
  { credential: 'AAAA' },
]

const flip = (scene: Scene, text: string): string => {
  const bytes = Buffer.from(text, 'base64url')
  const at = scene.rng.int(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << scene.rng.int(8))
  return bytes.toString('base64url')
}

/** Proofs and tokens that nobody gave. */
export const FORGE: readonly Attack[] = [
  ...TWISTS.map((twist) => withEvidence(({ browser }, digest) => browser.passkey.assert(digest, ORIGIN, twist))),
  ...[undefined, null, true, 'yes', {}, []].map((junk) => withEvidence(() => junk)),
  withEvidence((_scene, digest) => softwarePasskey().assert(digest, ORIGIN)),
  withEvidence(({ browser }, digest) => softwarePasskey().assert(digest, ORIGIN, { credential: browser.passkey.id })),
  ...(['authenticatorData', 'clientDataJSON', 'signature', 'credential'] as const).map((part) =>
    withEvidence((scene, digest) => {
      const assertion = scene.browser.passkey.assert(digest, ORIGIN)
      return { ...assertion, [part]: flip(scene, assertion[part]) }
    }),
  ),
  async (scene) => (await scene.present(null, 'p'), 0),
  // Another device, which the certificate does not name.
  withToken((scene, token) =>
    scene.present(
      resign(token, softwareDevice(), (claims) => claims),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => claims, 'maestro-head+jws'),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, ({ assertion: _none, ...claims }) => claims),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, ({ assertion: _none, ...claims }) => ({ ...claims, user_verified: false })),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, user_verified: false })),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, approved_at: null, approver: null })),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, approver: 'ben' })),
      'p',
    ),
  ),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, more: 1 })),
      'p',
    ),
  ),
  // An assertion by a key that the server never certified, under its true name and under a forged certificate.
  withToken(async (scene, token) => {
    const evil = softwarePasskey()
    const forged = await certifyPasskey({ ...scene.backEnd, key: (await createBackEnd()).key }, evil, 'anna')
    const edit = (certificate: (kept: string) => string) =>
      resign(token, scene.browser.device, (claims) => ({
        ...claims,
        assertion: { ...evil.assert(claims.call_digest, ORIGIN), certificate: certificate(claims.assertion?.certificate ?? '') },
      }))
    await scene.present(
      edit((kept) => kept),
      'p',
    )
    await scene.present(
      edit(() => forged),
      'p',
    )
  }),
  // One bit anywhere.
  withToken((scene, token) => {
    const parts = token.split('.')
    const at = scene.rng.int(3)
    return scene.present(parts.map((part, i) => (i === at ? flip(scene, part) : part)).join('.'), 'p')
  }),
  withToken((scene, token) => scene.present(`${token}${scene.rng.pick(['=', '.', ' ', 'A'])}`, 'p')),
  withToken((scene, token) => {
    const header = Buffer.from(JSON.stringify({ alg: scene.rng.pick(['none', 'HS256', 'ES256']), typ: 'maestro-receipt+jws' })).toString('base64url')
    return scene.present([header, ...token.split('.').slice(1)].join('.'), 'p')
  }),
  // Another person's device and certificate for this person's payment.
  withToken(async (scene, token) => {
    const ben = await openBrowser(scene.backEnd, 'ben')
    await scene.present(
      resign(token, ben.device, (claims) => claims),
      'p',
    )
    await scene.present(token, 'p', scene.params, 'ben')
  }),
]
