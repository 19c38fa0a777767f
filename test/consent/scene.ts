/** One case: a person, their browser, a payment, and short words for what an attacker does. */
import { bytesToBase64Url, utf8ToBytes } from '../../src/base/bytes.ts'
import { digestJson } from '../../src/base/digest.ts'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { readCompactJws, unsignedJws } from '../../src/protocol/compact-jws.ts'
import { DEVICE_TYP, RECEIPT_TYP, paramsDigestOf, type ReceiptToken } from '../../src/protocol/receipt-token.ts'
import { createRng, type Rng } from '../../src/testing/rng.ts'
import { ownerOf } from '../../sw/core/admit.ts'
import { ask, look, wake } from '../support/runtime-driver.ts'
import { openBrowser, ORIGIN, OWNER, USER, type BackEnd, type Browser, type Device } from './site.ts'

export type Scene = {
  readonly rng: Rng
  readonly backEnd: BackEnd
  readonly browser: Browser
  /** A payment that asks for a passkey. */
  readonly params: { readonly iban: string; readonly amount: string; readonly currency: string; readonly reference: string }
  ask(key: string, extra?: object): Promise<string>
  /** The assertion that the person would give for what waits under the key. */
  prove(key: string): Promise<unknown>
  /** What a page sends; the failure's code or `null`. */
  decide(key: string, evidence: unknown, digest?: string): Promise<string | null>
  /** Asks and approves as the person would. */
  approve(key: string): Promise<void>
  wake(): Promise<void>
  /** Changes a stored receipt as whoever holds this device's keys could. */
  rewrite(key: string, edit: (record: Stored) => Stored): Promise<void>
  /** The token of an approved payment, caught before the back end saw it; the request itself is lost. */
  catchToken(key: string): Promise<string>
  /** Sends a token to the back end with a request of one's own. */
  present(token: string | null, key: string, params?: JsonObject, user?: string): Promise<void>
}

export type Stored = { call: Record<string, Json>; digest: string; paramsDigest: string; approved: Record<string, Json> | null } & Record<
  string,
  unknown
>

export const rehash = (record: Stored): Stored => {
  const { call } = record
  const digest = digestJson(call)
  const paramsDigest = paramsDigestOf(String(call['action']), Number(call['version']), call['params'] as Json)
  return { ...record, digest, paramsDigest, approved: record.approved && { ...record.approved, digest } }
}

/** A token with parts changed and signed again by a device. */
export const resign = (token: string, device: Device, edit: (claims: ReceiptToken) => object, typ = RECEIPT_TYP): string => {
  const unsigned = unsignedJws(typ, edit(readCompactJws(token)?.payload as ReceiptToken) as JsonObject)
  return `${unsigned}.${bytesToBase64Url(device.sign(utf8ToBytes(unsigned)))}`
}

export async function openScene(backEnd: BackEnd, seed: string): Promise<Scene> {
  const rng = createRng(seed)
  const browser = await openBrowser(backEnd, USER, rng.pick(['ES256', 'EdDSA']))
  const params = {
    iban: `DE${rng.int(90) + 10}3704004405320${rng.int(90_000) + 10_000}`,
    amount: `${rng.int(900) + 100}.${rng.int(90) + 10}`,
    currency: 'EUR',
    reference: `Invoice ${rng.int(10_000)}`,
  }
  const receiptOf = async (key: string) => {
    const receipt = await look(browser.runtime, key)
    if (!receipt) throw new Error(`no receipt ${key}`)
    return receipt
  }
  const context = () => ({ gate: browser.runtime.gate.view() })
  const scene: Scene = {
    rng,
    backEnd,
    browser,
    params,
    ask: async (key, extra) => (await ask(browser.runtime, 'payment.transfer', params, key, extra)).status,
    prove: async (key) => browser.passkey.assert((await receiptOf(key)).digest, ORIGIN),
    async decide(key, evidence, digest) {
      const { id, digest: own } = await receiptOf(key)
      const said = await browser.runtime.commands.decide({ id, digest: digest ?? own, verdict: 'approve', evidence }, context())
      return said.ok ? null : said.error.code
    },
    async approve(key) {
      await scene.ask(key)
      const refused = await scene.decide(key, await scene.prove(key))
      if (refused !== null) throw new Error(`a proper approval was refused: ${refused}`)
    },
    async wake() {
      browser.world.online = true
      await wake(browser.runtime)
    },
    async rewrite(key, edit) {
      const { id } = await receiptOf(key)
      const row = browser.disk.rows.get(id)
      if (!row) throw new Error('no row')
      const { keyring } = browser.world.ports
      const context = { store: 'receipts', record: id, owner: ownerOf({ tenant: 'demo', user: USER }), shape: row.shape }
      const plain = await keyring.open(context, row.sealed)
      if (!plain.ok) throw new Error('the row does not open')
      const record = edit(JSON.parse(new TextDecoder().decode(plain.value)) as Stored)
      const sealed = await keyring.seal(context, utf8ToBytes(JSON.stringify(record)))
      browser.disk.rows.set(id, { ...row, open: 1, sealed })
      await browser.restart()
    },
    async catchToken(key) {
      let caught: string | undefined
      const { answer } = browser.world
      browser.world.answer = ({ proof }) => {
        caught = proof
        return { kind: 'answer', status: 400, body: null }
      }
      await scene.approve(key)
      await scene.wake()
      browser.world.answer = answer
      if (caught === undefined) throw new Error('no token was sent')
      return caught
    },
    async present(token, key, given = params, user = USER) {
      const call = { method: 'POST', url: '/pay', key, params: given, token: null, proof: token ?? undefined }
      await backEnd.answer(call, { tenant: 'demo', principal: `sub-${user}` })
    },
  }
  return scene
}

/** What the server would certify of this device today. */
export function freshCertificate({ backEnd, browser }: Scene): Promise<string> {
  const device = Buffer.from(browser.disk.secrets.get('device-id') ?? []).toString('hex')
  const times = { issued: backEnd.now, expires: backEnd.now + 7 * 86_400_000 }
  return backEnd.key.sign(DEVICE_TYP, { v: 1, tenant: 'demo', principal: OWNER.principal, user: USER, device, key: browser.device.id, ...times })
}
