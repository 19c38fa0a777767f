/** Cases through the built worker in a real Chromium: one browser, one demo, a virtual authenticator. */
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { startBrowser } from '../support/browser-process.ts'
import { effectsOf } from '../support/effects.ts'
import { enrolPasskey } from '../support/enrol-passkey.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { MaestroWindow } from '../support/in-page.ts'
import { startDemo } from '../support/start-demo.ts'
import { addAuthenticator } from '../support/virtual-authenticator.ts'
import type { Tally } from './hunt.ts'
import { rowsOf, settle, spoilRows } from './disk-in-chromium.ts'
import { attackInPage, type PageTally } from './in-page-attacks.ts'

/** Cases of one call into the page. */
const CHUNK = 30
/** The compiler that runs this keeps the names of functions, by a helper that pages do not have. */
const NAMES = 'globalThis.__name = (named) => named'
/** Payments that are changed on the disk at once. */
const DISK = 24

/** Counts, and what could not be carried out as planned: then the run proves nothing. */
export type InChromium = { readonly byKind: Map<string, Tally>; readonly faults: string[] }

const count = async (origin: string, cases: readonly PageTally[], byKind: Map<string, Tally>): Promise<void> => {
  const ran = new Set((await effectsOf(origin)).map(({ idempotency_key }) => idempotency_key))
  for (const { kind, keys, isControl } of cases) {
    const tally = byKind.get(kind) ?? { cases: 0, run: 0, controls: 0, failed: 0 }
    byKind.set(kind, tally)
    const happened = keys.filter((key) => ran.has(key)).length
    if (isControl) {
      tally.controls++
      tally.failed += happened === keys.length ? 0 : 1
    } else {
      tally.cases++
      tally.run += happened === 0 ? 0 : 1
    }
  }
}

/** Approves payments by passkey while the server is away, so that they wait. */
const approveAll = (page: Page, keys: readonly string[], passkey: string): Promise<void> =>
  page.evaluate(
    async ({ keys, passkey }) => {
      const { maestro } = window as unknown as MaestroWindow
      const text = (bytes: ArrayBuffer): string =>
        btoa(String.fromCharCode(...new Uint8Array(bytes)))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replaceAll('=', '')
      const id = Uint8Array.from(atob(passkey.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
      for (const key of keys) {
        const params = { iban: 'DE89370400440532013000', amount: '150.00', currency: 'EUR', reference: key }
        await maestro.execute('payment.transfer', params, { key })
        const receipt = await maestro.receipt(key)
        if (!receipt) throw new Error(`no receipt ${key}`)
        const challenge = Uint8Array.from(receipt.digest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
        const got = (await navigator.credentials.get({
          publicKey: { challenge, rpId: 'localhost', allowCredentials: [{ type: 'public-key', id }], userVerification: 'required' },
        })) as PublicKeyCredential
        const response = got.response as AuthenticatorAssertionResponse
        const evidence = {
          credential: text(got.rawId),
          authenticatorData: text(response.authenticatorData),
          clientDataJSON: text(response.clientDataJSON),
          signature: text(response.signature),
        }
        const refused = await maestro.decide({ id: receipt.id, digest: receipt.digest, verdict: 'approve', evidence })
        if (refused) throw new Error(refused.code)
      }
    },
    { keys, passkey },
  )

/** At least `least` cases. `log` is told how far it is. */
export async function huntInChromium(least: number, log: (line: string) => void): Promise<InChromium> {
  const byKind = new Map<string, Tally>()
  const faults: string[] = []
  const demo = await startDemo()
  const proxy = await startFaultProxy(demo.port)
  const browser = await startBrowser()
  try {
    const page = await browser.visit(proxy.origin, { before: NAMES })
    await addAuthenticator(page)
    const passkey = await enrolPasskey(page)
    await page.evaluate(() => document.querySelector('maestro-approvals')?.remove())
    const run = `consent-${randomBytes(4).toString('hex')}`
    const done: PageTally[] = []
    for (let from = 0; from < least; from += CHUNK) {
      done.push(...(await page.evaluate(attackInPage, { from, count: Math.min(CHUNK, least - from), run, passkey })))
      log(`${Math.min(from + CHUNK, least)} of ${least} in Chromium`)
    }
    const [spoiled, left] = [Array.from({ length: DISK }, (_, i) => `${run}-disk-${i}`), [`${run}-left-0`, `${run}-left-1`]]
    await proxy.down()
    await approveAll(page, [...spoiled, ...left], passkey)
    // A worker that lives writes what it has in memory: only what is still spoiled when it has stopped counts.
    const ids = await rowsOf(page, spoiled)
    await browser.stopWorkers()
    const marks = await spoilRows(page, ids, 'spoil')
    await browser.stopWorkers()
    const after = await spoilRows(page, ids, 'look')
    const still = spoiled.filter((_key, i) => marks[i] === after[i])
    if (still.length < DISK / 2) faults.push(`only ${still.length} of ${DISK} rows stayed spoiled`)
    await proxy.up()
    await page.evaluate(() => (window as unknown as MaestroWindow).maestro.refreshGate())
    for (const key of left)
      await page.evaluate(async (key) => (await (window as unknown as MaestroWindow).maestro.handle(key))?.settled.then(() => undefined), key)
    await settle()
    done.push(...still.map((key) => ({ kind: 'approve-then-mutate', keys: [key], isControl: false })))
    done.push(...left.map((key) => ({ kind: 'approve-then-mutate', keys: [key], isControl: true })))
    await count(demo.origin, done, byKind)
  } finally {
    await browser.end()
    await proxy.close()
    await demo.remove()
  }
  return { byKind, faults }
}
