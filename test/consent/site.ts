/** One person's browser and the back end that believes nobody, in memory: the real runtime with the passkeys kit, and `src/server`. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { makeSigningKey, readSigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import type { SigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import { isProven } from '../../supabase/functions/maestro-sync/device-key.ts'
import { err, ok } from '../../src/base/result.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { DEVICE_TYP, PASSKEY_TYP } from '../../src/protocol/receipt-token.ts'
import * as v from '../../src/protocol/schema.ts'
import { createVerifier } from '../../src/server/verifier.ts'
import type { RefusalCode } from '../../src/server/refusal.ts'
import { memoryReplayStore } from '../../src/server/memory-replay-store.ts'
import type { Actions } from '../../sw/ports/action.ts'
import type { HttpCall, HttpOutcome } from '../../sw/ports/http-effect.ts'
import { webCryptoSignatures } from '../../sw/adapters/webcrypto-signatures.ts'
import type { DeviceSigner } from '../../sw/ports/device-signer.ts'
import type { PasskeyServer } from '../../sw/ports/passkey-server.ts'
import { createPasskeys } from '../../sw/runtime/passkeys.ts'
import type { KitHost } from '../../sw/runtime/kit.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { createWorld, emptyDisk, type MemoryDisk, type World } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { boot, signIn } from '../support/runtime-driver.ts'
import { softwarePasskey, type SoftwarePasskey } from './software-passkey.ts'

export const ORIGIN = 'http://localhost'
export const USER = 'anna'
export const OWNER = { tenant: 'demo', principal: `sub-${USER}` }
export const LIMIT = 100

const DAY_MS = 86_400_000

const PaymentSchema = v.strictObject({ iban: v.string(), amount: v.string(), currency: v.string(), reference: v.string() })

export const ACTIONS: Actions = {
  'payment.transfer': {
    version: 1,
    title: 'Transfer money',
    params: PaymentSchema,
    roles: { iban: 'target', amount: 'amount' },
    lane: { base: 'RED', because: 'money leaves the account' },
    does: 'money',
    verify: { param: 'amount', above: '99.99' },
    effect: { kind: 'http', method: 'POST', url: '/pay', keyed: true },
  },
}

/** The back end of all cases of one run: what it did, and why it refused. */
export type BackEnd = {
  readonly key: SigningKey
  /** Idempotency keys of what ran, in order. */
  readonly ran: { readonly key: string; readonly params: JsonObject; readonly agent: string | null }[]
  readonly refused: RefusalCode[]
  now: number
  /** Neither the back end nor the worker asks for proof: shows that the attacks would get through. */
  readonly believes: boolean
  answer(call: HttpCall, caller?: { readonly tenant: string; readonly principal: string }): Promise<HttpOutcome>
}

export async function createBackEnd(policies?: Readonly<Record<string, readonly string[]>>, believes = false): Promise<BackEnd> {
  const key = await readSigningKey(await makeSigningKey())
  const effects = new Map<string, string>()
  const backEnd: BackEnd = {
    key,
    ran: [],
    refused: [],
    now: 1_800_000_000_000,
    believes,
    async answer({ key: idempotencyKey, params, proof }, caller = OWNER) {
      const needs = Number(params['amount']) < LIMIT ? 'approval' : 'verification'
      if (believes) {
        backEnd.ran.push({ key: idempotencyKey, params, agent: null })
        return { kind: 'answer', status: 200, body: { done: true } }
      }
      const said = await verify({ caller, action: 'payment.transfer', params, key: idempotencyKey, token: proof, needs })
      if (!said.ok) {
        backEnd.refused.push(said.error.code)
        return { kind: 'answer', status: 403, body: { code: said.error.code } }
      }
      // The app's own idempotency: one key, one effect.
      if (!effects.has(idempotencyKey)) {
        effects.set(idempotencyKey, JSON.stringify(params))
        backEnd.ran.push({ key: idempotencyKey, params, agent: said.value.agent })
      }
      return { kind: 'answer', status: 200, body: { done: true } }
    },
  }
  const verify = createVerifier({
    keys: { keys: key.jwks.keys as { kid?: string; x?: string; kty?: string; crv?: string }[] },
    replays: memoryReplayStore(() => backEnd.now),
    origins: [ORIGIN],
    now: () => backEnd.now,
    ...(policies ? { policies } : {}),
  })
  return backEnd
}

export type Device = { readonly signer: DeviceSigner; readonly id: string; sign(bytes: Uint8Array): Buffer }

export function softwareDevice(): Device {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'jwk' }).x ?? ''
  const signed = (bytes: Uint8Array): Buffer => sign(null, bytes, privateKey)
  return { id: raw, sign: signed, signer: { publicKey: async () => raw, sign: async (bytes) => signed(bytes) } }
}

/** The server's certificate functions; `passkeys` are those that were enrolled. */
function certifier(backEnd: BackEnd, passkeys: readonly SoftwarePasskey[], user: string): PasskeyServer {
  const times = (days: number) => ({ issued: backEnd.now, expires: backEnd.now + days * DAY_MS })
  const all = async () =>
    ok({
      certificates: await Promise.all(passkeys.map((passkey) => certifyPasskey(backEnd, passkey, user))),
      keys: backEnd.key.jwks.keys as unknown as { kid: string; x: string }[],
    })
  return {
    certifyDevice: async (device, key, _token, proof) => {
      const caller = { tenant: 'demo', principal: `sub-${user}`, account: user, user }
      if (!(await isProven(caller, { device_id: device, public_key: key, proof }))) return err({ kind: 'refused', code: 'PROOF_WRONG' })
      const { issued, expires } = times(7)
      return ok({
        certificate: await backEnd.key.sign(DEVICE_TYP, { v: 1, tenant: 'demo', principal: `sub-${user}`, user, device, key, issued, expires }),
        expires,
      })
    },
    passkeys: all,
    enrol: async () => err({ kind: 'refused', code: 'PROOF_NEEDED' }),
  }
}

export const certifyPasskey = (backEnd: BackEnd, { id, alg, key }: SoftwarePasskey, user: string, days = 30): Promise<string> =>
  backEnd.key.sign(PASSKEY_TYP, {
    v: 1,
    tenant: 'demo',
    principal: `sub-${user}`,
    user,
    id,
    alg,
    key,
    rp: 'localhost',
    issued: backEnd.now,
    expires: backEnd.now + days * DAY_MS,
  })

export type Browser = {
  readonly world: World
  readonly disk: MemoryDisk
  readonly device: Device
  readonly passkey: SoftwarePasskey
  runtime: Runtime
  /** The worker stops and another one starts on what is on the disk. */
  restart(): Promise<void>
}

/** A signed-in person with an enrolled passkey on a device of their own. */
export async function openBrowser(backEnd: BackEnd, user = USER, alg: 'ES256' | 'EdDSA' = 'ES256', actions: Actions = ACTIONS): Promise<Browser> {
  const disk = emptyDisk()
  const device = softwareDevice()
  const passkey = softwarePasskey(alg)
  const start = (): { world: World; runtime: Runtime } => {
    const world = createWorld(disk)
    const server = withServer(world)
    world.now = backEnd.now
    server.now = () => backEnd.now
    world.answer = (call) => backEnd.answer(call, { tenant: 'demo', principal: `sub-${user}` })
    const kit = createPasskeys({ server: certifier(backEnd, [passkey], user), signer: device.signer, signatures: webCryptoSignatures, pinned: null })
    const { believes } = backEnd
    Object.assign(world.ports, { kits: [(host: KitHost) => (believes ? { attest: kit(host).attest } : kit(host))] })
    return { world, runtime: boot(world, actions) }
  }
  const first = start()
  const browser = {
    ...first,
    disk,
    device,
    passkey,
    async restart() {
      const { online } = browser.world
      Object.assign(browser, start())
      browser.world.online = online
      await browser.runtime.prepare()
    },
  }
  await browser.runtime.prepare()
  await signIn(browser.runtime, user)
  await browser.runtime.kits['passkeys']?.run({}, { gate: browser.runtime.gate.view() })
  return browser
}
