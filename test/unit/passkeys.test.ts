import { beforeEach, expect, test } from 'vitest'
import { err, ok } from '../../src/base/result.ts'
import { DEVICE_TYP } from '../../src/protocol/receipt-token.ts'
import { webCryptoSignatures } from '../../sw/adapters/webcrypto-signatures.ts'
import type { CertifiedPasskeys, PasskeyServer } from '../../sw/ports/passkey-server.ts'
import { createPasskeys } from '../../sw/runtime/passkeys.ts'
import { openScene, rehash } from '../consent/scene.ts'
import { ACTIONS, certifyPasskey, createBackEnd, openBrowser, USER, type BackEnd, type Browser } from '../consent/site.ts'
import { createWorld } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { ask, boot, decide, look, snapshot, wake } from '../support/runtime-driver.ts'

const PAYMENT = { iban: 'DE89370400440532013000', amount: '250.00', currency: 'EUR', reference: 'Invoice 7' }
let backEnd: BackEnd
let browser: Browser

beforeEach(async () => {
  backEnd = await createBackEnd()
  browser = await openBrowser(backEnd)
})

const approve = async (key: string, evidence?: unknown) => {
  const receipt = await look(browser.runtime, key)
  if (!receipt) throw new Error('no receipt')
  const { id, digest } = receipt
  return browser.runtime.commands.decide({ id, digest, verdict: 'approve', evidence }, { gate: browser.runtime.gate.view() })
}

const prove = async (key: string) => browser.passkey.assert((await look(browser.runtime, key))?.digest ?? '', 'http://localhost')

test('REQ B-17: a payment approved by passkey runs once, and the back end accepts its receipt', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  const [approval] = (await snapshot(browser.runtime)).approvals
  expect(approval?.verify).toEqual({ passkeys: [browser.passkey.id] })
  expect(await approve('p1', await prove('p1'))).toMatchObject({ ok: true })
  await wake(browser.runtime)
  expect(backEnd.refused).toEqual([])
  expect(backEnd.ran).toEqual([{ key: 'p1', params: PAYMENT, agent: null }])
  expect(await look(browser.runtime, 'p1')).toMatchObject({ status: 'done' })
})

test('without an assertion, or with one of another passkey, the worker takes no approval', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  expect(await approve('p1')).toMatchObject({ ok: false, error: { code: 'VERIFICATION_NEEDED' } })
  const other = await openBrowser(backEnd)
  const digest = (await look(browser.runtime, 'p1'))?.digest ?? ''
  expect(await approve('p1', other.passkey.assert(digest, 'http://localhost'))).toMatchObject({ ok: false, error: { code: 'VERIFICATION_FAILED' } })
  await wake(browser.runtime)
  expect(backEnd.ran).toEqual([])
  expect(await look(browser.runtime, 'p1')).toMatchObject({ status: 'awaiting-approval' })
})

test('below the limit the button is enough, and the receipt says that nobody was verified', async () => {
  await ask(browser.runtime, 'payment.transfer', { ...PAYMENT, amount: '99.99' }, 'p1')
  expect((await snapshot(browser.runtime)).approvals[0]?.verify).toBeUndefined()
  await decide(browser.runtime, 'p1', 'approve')
  await wake(browser.runtime)
  expect(backEnd.ran).toHaveLength(1)
})

test('REQ B-3: approved offline with a passkey, it runs once when the network is back, in another worker', async () => {
  browser.world.online = false
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  expect(await approve('p1', await prove('p1'))).toMatchObject({ ok: true })
  await browser.restart()
  expect(backEnd.ran).toEqual([])
  browser.world.online = true
  await wake(browser.runtime)
  await wake(browser.runtime)
  expect(backEnd.ran).toHaveLength(1)
})

test('a change of what waits for a person is a new call, and the old one is superseded', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'old')
  const evidence = await prove('old')
  expect(await ask(browser.runtime, 'payment.transfer', { ...PAYMENT, amount: '300.00' }, 'new', { replaces: 'old' })).toMatchObject({
    status: 'awaiting-approval',
  })
  expect(await look(browser.runtime, 'old')).toMatchObject({ status: 'cancelled', failure: { code: 'SUPERSEDED' } })
  expect(await approve('old', evidence)).toMatchObject({ ok: false, error: { code: 'APPROVAL_GONE' } })
  expect(await approve('new', evidence)).toMatchObject({ ok: false, error: { code: 'VERIFICATION_FAILED' } })
  expect(await approve('new', await prove('new'))).toMatchObject({ ok: true })
  await wake(browser.runtime)
  expect(backEnd.ran).toMatchObject([{ key: 'new', params: { amount: '300.00' } }])
})

test('an agent edits nothing that waits for a person', async () => {
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'old')
  const said = await browser.runtime.commands.agent({ name: 'assistant' }, { gate: browser.runtime.gate.view() })
  const capability = said.ok ? said.value : ''
  expect(await ask(browser.runtime, 'payment.transfer', PAYMENT, 'new', { replaces: 'old', capability })).toMatchObject({
    status: 'refused',
    failure: { code: 'NOT_REPLACEABLE' },
  })
  expect(await look(browser.runtime, 'old')).toMatchObject({ status: 'awaiting-approval' })
})

test('what was made on the disk to look as if nobody had to be asked does not run, also where the back end checks nothing', async () => {
  const scene = await openScene(backEnd, 'gullible')
  const sent: string[] = []
  const gullible = () => {
    scene.browser.world.answer = ({ key }) => {
      sent.push(key)
      return { kind: 'answer', status: 200, body: { done: true } }
    }
  }
  scene.browser.world.online = false
  await scene.ask('p')
  await scene.rewrite('p', (record) => rehash({ ...record, state: 'ready', asks: false, lane: 'GREEN', approved: null }))
  gullible()
  await scene.wake()
  expect(await look(scene.browser.runtime, 'p')).toMatchObject({ status: 'refused', failure: { code: 'VERIFICATION_NEEDED' } })
  await scene.approve('q')
  await scene.wake()
  expect(sent).toEqual(['q'])
})

/** The next worker on this browser's disk, with a server of certificates that the test decides. */
const nextWorker = async (server: Partial<PasskeyServer>, spoil: (secrets: Map<string, Uint8Array>) => void = () => undefined) => {
  spoil(browser.disk.secrets)
  const world = createWorld(browser.disk)
  const maestro = withServer(world)
  world.now = backEnd.now
  maestro.now = () => backEnd.now
  world.answer = (call) => backEnd.answer(call)
  const certifying: PasskeyServer = {
    certifyDevice: async () => err({ kind: 'unreachable', code: 'UNREACHABLE' }),
    passkeys: async () => err({ kind: 'unreachable', code: 'UNREACHABLE' }),
    enrol: async () => err({ kind: 'refused', code: 'PROOF_NEEDED' }),
    ...server,
  }
  const kit = createPasskeys({ server: certifying, signer: browser.device.signer, signatures: webCryptoSignatures, pinned: null })
  Object.assign(world.ports, { kits: [kit] })
  const runtime = boot(world, ACTIONS)
  await wake(runtime)
  return { world, runtime }
}

const forget = (secrets: Map<string, Uint8Array>): void => {
  for (const name of secrets.keys()) if (name.startsWith('passkeys/')) secrets.delete(name)
}

const certified = async (): Promise<CertifiedPasskeys> => ({
  certificates: [await certifyPasskey(backEnd, browser.passkey, USER)],
  keys: backEnd.key.jwks.keys as unknown as CertifiedPasskeys['keys'],
})

const approvedOffline = async (): Promise<void> => {
  browser.world.online = false
  await ask(browser.runtime, 'payment.transfer', PAYMENT, 'p1')
  expect(await approve('p1', await prove('p1'))).toMatchObject({ ok: true })
  await browser.runtime.pump.idle()
}

const deviceCertificate = async (change: object = {}) => {
  const device = Buffer.from(browser.disk.secrets.get('device-id') ?? []).toString('hex')
  const times = { issued: backEnd.now, expires: backEnd.now + 86_400_000 }
  const claims = { v: 1, tenant: 'demo', principal: `sub-${USER}`, user: USER, device, key: browser.device.id, ...times, ...change }
  return ok({ certificate: await backEnd.key.sign(DEVICE_TYP, claims), expires: times.expires })
}

test('an assertion that nobody can verify now waits and runs nothing; when the certificates are there again it runs', async () => {
  await approvedOffline()
  let isThere = false
  const { world, runtime } = await nextWorker(
    {
      passkeys: async () => (isThere ? ok(await certified()) : err({ kind: 'unreachable', code: 'UNREACHABLE' })),
      certifyDevice: () => deviceCertificate(),
    },
    forget,
  )
  expect(world.sent).toEqual([])
  expect(await look(runtime, 'p1')).toMatchObject({ status: 'queued' })
  isThere = true
  world.now += 600_000
  await wake(runtime)
  expect(await look(runtime, 'p1')).toMatchObject({ status: 'done' })
  expect(backEnd.ran).toHaveLength(1)
})

test.each([
  ['another person', { user: 'ben' }, 0],
  ['another tenant', { tenant: 'other' }, 0],
  ['another key', { key: 'A'.repeat(43) }, 0],
  ['this person', {}, 1],
] as const)('a certificate of this device for %s carries their work only where it is theirs (trap 10)', async (_whose, change, sent) => {
  await approvedOffline()
  const { world } = await nextWorker({ passkeys: async () => ok(await certified()), certifyDevice: () => deviceCertificate(change) }, forget)
  expect(world.sent).toHaveLength(sent)
})

test('what was kept of passkeys and cannot be read is left as it is, said once, and the server’s word serves meanwhile', async () => {
  const spoilt = Uint8Array.from([1, 2, 3])
  const spoil = (secrets: Map<string, Uint8Array>): void => {
    for (const name of secrets.keys()) if (name.startsWith('passkeys/')) secrets.set(name, spoilt)
  }
  const { world, runtime } = await nextWorker({ passkeys: async () => ok(await certified()) }, spoil)
  const list = () => runtime.kits['passkeys']?.run({}, { gate: runtime.gate.view() })
  expect(await list()).toMatchObject({ ok: true, value: { passkeys: [browser.passkey.id] } })
  await list()
  expect(world.lines.filter((line) => line.includes('cannot be read'))).toHaveLength(1)
  expect([...browser.disk.secrets].filter(([name]) => name.startsWith('passkeys/')).map(([, value]) => value)).toEqual([spoilt])
})

test('a keyring or a disk that is away for a moment is asked again, and nothing is written over what is there', async () => {
  const kept = new Map([...browser.disk.secrets].filter(([name]) => name.startsWith('passkeys/')))
  const { world, runtime } = await nextWorker({})
  const [get, list] = [world.ports.secrets.get, () => runtime.kits['passkeys']?.run({}, { gate: runtime.gate.view() })]
  Object.assign(world.ports.secrets, { get: async () => Promise.reject(new Error('away')) })
  world.online = false
  await expect(list()).rejects.toThrow('away')
  Object.assign(world.ports.secrets, { get })
  expect(await list()).toMatchObject({ ok: true, value: { passkeys: [browser.passkey.id] } })
  for (const [name, value] of kept) expect(browser.disk.secrets.get(name)).toEqual(value)
})
