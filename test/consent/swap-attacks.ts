import { callDigestOf, paramsDigestOf } from '../../src/protocol/receipt-token.ts'
import { ask } from '../support/runtime-driver.ts'
import { afterApproval, agentOf, editCall, editParams, withToken, type Attack } from './attack.ts'
import { rehash, resign } from './scene.ts'
import { ACTIONS, openBrowser, ORIGIN } from './site.ts'

const HEX = 'ab'.repeat(32)

export const SWAP_AGENT: readonly Attack[] = [
  afterApproval((scene, record) => editCall((call) => ({ ...call, agent: scene.rng.pick(['assistant', 'evil', '']) }))(record)),
  // What an agent asked, passed off as the person's own wish.
  async (scene) => {
    const capability = await agentOf(scene, 'assistant')
    scene.browser.world.online = false
    await scene.ask('p', { capability })
    await scene.decide('p', await scene.prove('p'))
    const isHashed = scene.rng.chance(0.5)
    await scene.rewrite('p', (record) => {
      const edited = editCall((call) => ({ ...call, agent: scene.rng.pick([null, 'other']) }))(record)
      return isHashed ? rehash(edited) : edited
    })
    await scene.wake()
    return 0
  },
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, agent: scene.rng.pick(['assistant', 'evil']) })),
      'p',
    ),
  ),
]

export const SWAP_POLICY: readonly Attack[] = [
  afterApproval((scene, record) => editCall((call) => ({ ...call, policy: scene.rng.pick([HEX, 'cd'.repeat(32)]) }))(record)),
  withToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, policy_digest: HEX })),
      'p',
    ),
  ),
  // A worker of another build, whose rules ask nobody.
  async (scene) => {
    const declared = ACTIONS['payment.transfer']
    if (!declared) return 0
    const lax = {
      ...declared,
      verify: 'never' as const,
      does: 'read' as const,
      lane: { base: scene.rng.pick(['GREEN', 'YELLOW', 'RED'] as const), because: 'lax' },
    }
    const browser = await openBrowser(scene.backEnd, 'anna', 'ES256', { 'payment.transfer': lax })
    const receipt = await ask(browser.runtime, 'payment.transfer', scene.params, 'p')
    const evidence = scene.rng.chance(0.5) ? browser.passkey.assert(receipt.digest, ORIGIN) : undefined
    const { id, digest } = receipt
    await browser.runtime.commands.decide({ id, digest, verdict: 'approve', evidence }, { gate: browser.runtime.gate.view() })
    browser.world.online = true
    await browser.runtime.pump.drain({ isNetworkBack: true })
    return 0
  },
]

export const SWAP_DIGEST: readonly Attack[] = [
  async (scene) => {
    await scene.ask('p')
    await scene.decide('p', await scene.prove('p'), scene.rng.hex(32))
    await scene.wake()
    return 0
  },
  // The person proves one thing, the page names another.
  async (scene) => {
    await scene.ask('p')
    await scene.decide('p', scene.browser.passkey.assert(scene.rng.hex(32), ORIGIN))
    await scene.wake()
    return 0
  },
  afterApproval((scene, record) => {
    const digest = scene.rng.hex(32)
    return editParams((params) => ({ ...params, amount: '999.99' }))({ ...record, digest, approved: { ...record.approved, digest } })
  }),
  ...(['call_digest', 'params_digest'] as const).map((name) =>
    withToken((scene, token) =>
      scene.present(
        resign(token, scene.browser.device, (claims) => ({ ...claims, [name]: scene.rng.hex(32) })),
        'p',
      ),
    ),
  ),
  // Other parameters, with the digests that fit them.
  withToken(async (scene, token) => {
    const params = { ...scene.params, iban: `${scene.params.iban}9` }
    const edited = resign(token, scene.browser.device, (claims) => ({
      ...claims,
      params_digest: paramsDigestOf(claims.action, claims.version, params),
      call_digest: callDigestOf(claims, params),
    }))
    await scene.present(edited, 'p', params)
  }),
]
