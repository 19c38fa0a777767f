import { beforeEach, expect, test } from 'vitest'
import { createVerifier, memoryReplayStore } from '../../src/server/index.ts'
import type { AskedFor, ReplayStore, VerifierOptions } from '../../src/server/index.ts'
import { freshCertificate, openScene, resign, type Scene } from '../consent/scene.ts'
import { certifyPasskey, createBackEnd, openBrowser, ORIGIN, OWNER, softwareDevice, type BackEnd } from '../consent/site.ts'
import { softwarePasskey } from '../consent/software-passkey.ts'

const DAY_MS = 86_400_000
let backEnd: BackEnd
let scene: Scene
let token: string

beforeEach(async () => {
  backEnd = await createBackEnd()
  scene = await openScene(backEnd, 'verifier')
  token = await scene.catchToken('p')
})

const verifierOf = (options: Partial<VerifierOptions> = {}) =>
  createVerifier({
    keys: { keys: backEnd.key.jwks.keys as { kid: string; x: string; kty: string; crv: string }[] },
    replays: memoryReplayStore(),
    origins: [ORIGIN],
    now: () => backEnd.now,
    ...options,
  })

const codeOf = async (asked: Partial<AskedFor>, options: Partial<VerifierOptions> = {}): Promise<string> => {
  const whole: AskedFor = { caller: OWNER, action: 'payment.transfer', params: scene.params, key: 'p', token, needs: 'verification', ...asked }
  const said = await verifierOf(options)(whole)
  return said.ok ? 'ok' : said.error.code
}

const edited = (edit: Parameters<typeof resign>[2], typ?: string): string => resign(token, scene.browser.device, edit, typ)

test('a receipt of exactly this request is accepted, and tells who approved what, and how surely', async () => {
  const said = await verifierOf()({ caller: OWNER, action: 'payment.transfer', params: scene.params, key: 'p', token, needs: 'verification' })
  expect(said).toMatchObject({ ok: true, value: { ...OWNER, agent: null, lane: 'RED', approver: 'anna', userVerified: true, isAgain: false } })
})

test('the order of parameters does not matter, and everything else about them does', async () => {
  const { iban, amount, currency, reference } = scene.params
  expect(await codeOf({ params: { reference, currency, amount, iban } })).toBe('ok')
  expect(await codeOf({ params: { ...scene.params, amount: `${amount}0` } })).toBe('PARAMS_MISMATCH')
})

test('each part of a request that is not the receipt’s has its own code', async () => {
  expect(await codeOf({ token: null })).toBe('RECEIPT_MISSING')
  expect(await codeOf({ caller: { ...OWNER, principal: 'sub-ben' } })).toBe('CALLER_MISMATCH')
  expect(await codeOf({ caller: { ...OWNER, tenant: 'other' } })).toBe('CALLER_MISMATCH')
  expect(await codeOf({ action: 'file.delete' })).toBe('ACTION_MISMATCH')
  expect(await codeOf({ key: 'q' })).toBe('KEY_MISMATCH')
  expect(await codeOf({}, { origins: ['https://app.example'] })).toBe('ORIGIN_REFUSED')
  expect(await codeOf({}, { policies: { 'payment.transfer': ['a'.repeat(64)] } })).toBe('POLICY_REFUSED')
  expect(await codeOf({}, { policies: {} })).toBe('POLICY_REFUSED')
  expect(await codeOf({}, { rp: 'app.example' })).toBe('PASSKEY_REFUSED')
  expect(await codeOf({})).toBe('ok')
})

test('an agent that the app does not name asks for nothing', async () => {
  const said = await scene.browser.runtime.commands.agent({ name: 'assistant' }, { gate: scene.browser.runtime.gate.view() })
  const other = await openScene(backEnd, 'agent')
  expect(said.ok).toBe(true)
  const capability = await other.browser.runtime.commands.agent({ name: 'assistant' }, { gate: other.browser.runtime.gate.view() })
  await other.ask('p', { capability: capability.ok ? capability.value : '' })
  let proof: string | undefined
  other.browser.world.answer = ({ proof: sent }) => {
    proof = sent
    return { kind: 'answer', status: 400, body: null }
  }
  await other.decide('p', await other.prove('p'))
  await other.wake()
  const asked = { token: proof ?? '', params: other.params }
  expect(await codeOf(asked)).toBe('ok')
  expect(await codeOf(asked, { agents: ['assistant'] })).toBe('ok')
  expect(await codeOf(asked, { agents: [] })).toBe('AGENT_REFUSED')
})

test('what the device signed beside the truth is found out', async () => {
  expect(await codeOf({ token: edited((claims) => claims, 'maestro-device+jws') })).toBe('RECEIPT_FORGED')
  expect(await codeOf({ token: resign(token, softwareDevice(), (claims) => claims) })).toBe('RECEIPT_FORGED')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, principal: 'ben' })) })).toBe('CERTIFICATE_MISMATCH')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, device: 'other' })) })).toBe('CERTIFICATE_MISMATCH')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, agent: 'evil' })) })).toBe('CALL_MISMATCH')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, version: 2 })) })).toBe('PARAMS_MISMATCH')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, lane: 'BLOCKED' })) })).toBe('LANE_BLOCKED')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, more: true })) })).toBe('RECEIPT_MALFORMED')
  expect(await codeOf({ token: edited((claims) => claims) })).toBe('ok')
})

test('a certificate counts when the server signed it, as a certificate, for as long as it holds', async () => {
  const other = await createBackEnd()
  const certificate = await certifyPasskey(backEnd, scene.browser.passkey, 'anna')
  const foreign = await certifyPasskey(other, scene.browser.passkey, 'anna')
  const withPasskey = (text: string) => edited((claims) => ({ ...claims, assertion: { ...claims.assertion, certificate: text } }))
  expect(await codeOf({ token: withPasskey(certificate) })).toBe('ok')
  expect(await codeOf({ token: withPasskey(foreign) })).toBe('CERTIFICATE_FORGED')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, certificate })) })).toBe('CERTIFICATE_MALFORMED')
  expect(await codeOf({ token: withPasskey('a.b.c') })).toBe('CERTIFICATE_MALFORMED')
  expect(await codeOf({}, { keys: { keys: [] } })).toBe('CERTIFICATE_FORGED')
  backEnd.now += 7.5 * DAY_MS
  expect(await codeOf({})).toBe('CERTIFICATE_EXPIRED')
  backEnd.now -= 9 * DAY_MS
  expect(await codeOf({})).toBe('NOT_YET')
})

test('an approval is by this person, in its time, and proved where proof is needed', async () => {
  const bare = ({ assertion: _gone, ...claims }: Parameters<Parameters<typeof resign>[2]>[0]) => ({ ...claims, user_verified: false })
  expect(await codeOf({ token: edited(bare) })).toBe('VERIFICATION_MISSING')
  expect(await codeOf({ token: edited(bare), needs: 'approval' })).toBe('ok')
  expect(await codeOf({ token: edited((claims) => ({ ...bare(claims), user_verified: true })), needs: 'approval' })).toBe('VERIFICATION_MISSING')
  const unasked = edited((claims) => ({ ...bare(claims), approved_at: null, approver: null }))
  expect(await codeOf({ token: unasked, needs: 'approval' })).toBe('APPROVAL_MISSING')
  const green = edited((claims) => ({ ...bare(claims), lane: 'GREEN', approved_at: null, approver: null }))
  const base = { caller: OWNER, action: 'payment.transfer', params: scene.params, key: 'p' }
  expect(await verifierOf()({ ...base, token: green })).toMatchObject({ ok: true, value: { approvedAt: null } })
  expect(await verifierOf()({ ...base, token: unasked })).toMatchObject({ ok: false, error: { code: 'APPROVAL_MISSING' } })
  expect(await codeOf({ token: edited((claims) => ({ ...claims, approver: 'ben' })) })).toBe('APPROVAL_INVALID')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, approved_at: claims.expires + 1 })) })).toBe('APPROVAL_INVALID')
  expect(await codeOf({ token: edited((claims) => ({ ...claims, approved_at: claims.issued - DAY_MS })) })).toBe('APPROVAL_INVALID')
})

test('a passkey proves this call, here, by a person who was there and verified', async () => {
  const proof = (twist: object, passkey = scene.browser.passkey) =>
    edited((claims) => ({
      ...claims,
      assertion: { ...passkey.assert(claims.call_digest, ORIGIN, twist), certificate: claims.assertion?.certificate ?? '' },
    }))
  expect(await codeOf({ token: proof({}) })).toBe('ok')
  expect(await codeOf({ token: proof({ challenge: 'AAAA' }) })).toBe('ASSERTION_CHALLENGE')
  expect(await codeOf({ token: proof({ origin: 'http://localhost:1' }) })).toBe('ASSERTION_ORIGIN')
  expect(await codeOf({ token: proof({ topOrigin: 'http://evil.example' }) })).toBe('ASSERTION_ORIGIN')
  expect(await codeOf({ token: proof({ rp: 'evil.example' }) })).toBe('ASSERTION_RP')
  expect(await codeOf({ token: proof({ type: 'webauthn.create' }) })).toBe('ASSERTION_TYPE')
  expect(await codeOf({ token: proof({ flags: 4 }) })).toBe('USER_ABSENT')
  expect(await codeOf({ token: proof({ flags: 1 }) })).toBe('USER_UNVERIFIED')
  expect(await codeOf({ token: proof({ credential: scene.browser.passkey.id }, softwarePasskey(scene.browser.passkey.alg)) })).toBe(
    'ASSERTION_FORGED',
  )
  const ben = await openBrowser(backEnd, 'ben')
  const certificate = await certifyPasskey(backEnd, ben.passkey, 'ben')
  const byBen = edited((claims) => ({ ...claims, assertion: { ...ben.passkey.assert(claims.call_digest, ORIGIN), certificate } }))
  expect(await codeOf({ token: byBen })).toBe('PASSKEY_REFUSED')
})

test('a call is good for one request, which may be repeated, also after its end', async () => {
  const verify = verifierOf()
  const asked: AskedFor = { caller: OWNER, action: 'payment.transfer', params: scene.params, key: 'p', token, needs: 'verification' }
  const again = edited((claims) => ({ ...claims, key: 'q' }))
  expect(await verify(asked)).toMatchObject({ ok: true, value: { isAgain: false } })
  expect(await verify(asked)).toMatchObject({ ok: true, value: { isAgain: true } })
  expect(await verify({ ...asked, key: 'q', token: again })).toMatchObject({ ok: false, error: { code: 'REPLAYED' } })
  backEnd.now += 7 * DAY_MS + 3_600_000
  expect(await verify(asked)).toMatchObject({ ok: false, error: { code: 'CERTIFICATE_EXPIRED' } })
  const certificate = await freshCertificate(scene)
  const later = edited((claims) => ({ ...claims, certificate }))
  expect(await verify({ ...asked, token: later })).toMatchObject({ ok: true, value: { isAgain: true } })
  expect(await codeOf({ token: later })).toBe('EXPIRED')
})

test('when nobody knows what was used before, nothing is accepted', async () => {
  const broken: ReplayStore = { take: () => Promise.reject(new Error('down')), look: () => Promise.reject(new Error('down')) }
  expect(await codeOf({}, { replays: broken })).toBe('REPLAY_STORE_FAILED')
  const full = memoryReplayStore(() => backEnd.now, 0)
  expect(await codeOf({}, { replays: full })).toBe('REPLAY_STORE_FAILED')
})

test('bytes that are no receipt are told apart from forged ones, and never throw', async () => {
  const [head = '', body = '', tail = ''] = token.split('.')
  const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const doubled = Buffer.from(body, 'base64url').toString().replace('"v":1', '"v":1,"v":1')
  for (const text of [
    '..',
    'x',
    `${head}.${body}`,
    `${token}.x`,
    `${token}=`,
    `${header({ alg: 'none', typ: 'maestro-receipt+jws' })}.${body}.`,
    `${header({ alg: 'EdDSA', typ: 'maestro-receipt+jws', crit: ['b64'] })}.${body}.${tail}`,
    `${header({ alg: 'EdDSA', typ: 'maestro-receipt+jws', jwk: {} })}.${body}.${tail}`,
    `${head}.${Buffer.from(doubled).toString('base64url')}.${tail}`,
    `${head}.${Buffer.from('[1e400]').toString('base64url')}.${tail}`,
    `${head}.${Buffer.from('['.repeat(9_000)).toString('base64url')}.${tail}`,
    'A'.repeat(20_000),
  ])
    expect([text.slice(0, 40), await codeOf({ token: text })]).toEqual([text.slice(0, 40), 'RECEIPT_MALFORMED'])
})
