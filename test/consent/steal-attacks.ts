import { ask } from '../support/runtime-driver.ts'
import { agentOf, type Attack } from './attack.ts'
import { openBrowser, ORIGIN } from './site.ts'
import type { Scene } from './scene.ts'

const HEX = 'ab'.repeat(32)

/** A capability that is not this person's to use: nothing may even wait for an approval under it. */
const withCapability =
  (steal: (scene: Scene) => Promise<string>): Attack =>
  async (scene) => {
    const capability = await steal(scene)
    const said = await ask(scene.browser.runtime, 'payment.transfer', scene.params, 'p', { capability })
    const { id, digest } = said
    const proof = /^[0-9a-f]{64}$/.test(digest) ? digest : HEX
    const evidence = scene.browser.passkey.assert(proof, ORIGIN)
    await scene.browser.runtime.commands.decide({ id, digest: proof, verdict: 'approve', evidence }, { gate: scene.browser.runtime.gate.view() })
    await scene.wake()
    return 0
  }

export const STEAL: readonly Attack[] = [
  withCapability(async (scene) => agentOf({ ...scene, browser: await openBrowser(scene.backEnd, 'ben') }, 'assistant')),
  withCapability(async (scene) => (await agentOf(scene, 'assistant')).replace('"agent":"assistant"', '"agent":"trusted"')),
  withCapability(async (scene) => (await agentOf(scene, 'assistant')).slice(0, -1 - scene.rng.int(20))),
  withCapability(async (scene) => `${scene.rng.hex(16)}.${(await agentOf(scene, 'assistant')).split('.').slice(1).join('.')}`),
  withCapability(async (scene) => scene.rng.pick(['', '.', 'assistant', '{}', `tag().{"agent":"assistant"}`])),
]
