import { DAY_MS, pass, withToken, type Attack } from './attack.ts'
import { freshCertificate, resign } from './scene.ts'

export const EXPIRE: readonly Attack[] = [
  // Approved in time, but offline until after its end.
  async (scene) => {
    scene.browser.world.online = false
    await scene.approve('p')
    pass(scene, 8 + scene.rng.int(300))
    if (scene.rng.chance(0.5)) await scene.browser.restart()
    await scene.wake()
    return 0
  },
  // Decided after its end.
  async (scene) => {
    await scene.ask('p')
    const evidence = await scene.prove('p')
    pass(scene, 8 + scene.rng.int(300))
    await scene.wake()
    await scene.decide('p', evidence)
    await scene.wake()
    return 0
  },
  withToken(async (scene, token) => {
    pass(scene, 7.01 + scene.rng.int(300))
    await scene.present(token, 'p')
  }),
  // A new certificate does not make an old call young, nor does a later end that the digest does not name.
  withToken(async (scene, token) => {
    pass(scene, 7.01 + scene.rng.int(60))
    const fresh = await freshCertificate(scene)
    await scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, certificate: fresh })),
      'p',
    )
    const expires = scene.backEnd.now + DAY_MS
    await scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, certificate: fresh, expires })),
      'p',
    )
  }),
  // From the future.
  withToken(async (scene, token) => {
    pass(scene, -1 - scene.rng.int(100))
    await scene.present(token, 'p')
  }),
]
