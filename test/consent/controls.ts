import { agentOf, pass, several, type Attack } from './attack.ts'
import type { Kind } from './kinds.ts'
import { rehash, resign } from './scene.ts'

const asShouldBe: Attack = async (scene) => {
  await scene.approve('p')
  await scene.wake()
  return 1
}

/** The same, with nothing changed: what it returns must have run. */
export const CONTROLS: Readonly<Record<Kind, Attack>> = {
  'approve-then-mutate': async (scene) => {
    scene.browser.world.online = false
    await scene.approve('p')
    await scene.rewrite('p', (record) => rehash(record))
    await scene.wake()
    return 1
  },
  forge: async (scene) => {
    const token = await scene.catchToken('p')
    await scene.present(
      resign(token, scene.browser.device, (claims) => claims),
      'p',
    )
    return 1
  },
  replay: async (scene) => {
    await scene.approve('p')
    await scene.approve('q')
    await scene.wake()
    return 2
  },
  reorder: async (scene) => {
    const keys = several(scene)
    for (const key of keys) await scene.ask(key)
    const proofs = await Promise.all(keys.map(async (key) => [key, await scene.prove(key)] as const))
    for (const [key, proof] of proofs.toReversed()) await scene.decide(key, proof)
    await scene.wake()
    return keys.length
  },
  expire: async (scene) => {
    scene.browser.world.online = false
    await scene.approve('p')
    pass(scene, 6)
    await scene.browser.restart()
    await scene.wake()
    return 1
  },
  'swap-agent': async (scene) => {
    await scene.ask('p', { capability: await agentOf(scene, 'assistant') })
    await scene.decide('p', await scene.prove('p'))
    await scene.wake()
    return 1
  },
  'swap-policy': asShouldBe,
  'swap-digest': asShouldBe,
  'steal-capability': async (scene) => {
    await scene.ask('p', { capability: await agentOf(scene, 'assistant') })
    await scene.decide('p', await scene.prove('p'))
    await scene.wake()
    return 1
  },
}
