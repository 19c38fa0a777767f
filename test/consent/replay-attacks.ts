import { ask } from '../support/runtime-driver.ts'
import type { Attack } from './attack.ts'
import { resign, type Scene } from './scene.ts'

/** Paid once as it should be; whatever follows must add nothing. */
const afterPaying =
  (work: (scene: Scene, evidence: unknown) => Promise<unknown>): Attack =>
  async (scene) => {
    await scene.ask('p')
    const evidence = await scene.prove('p')
    await scene.decide('p', evidence)
    await scene.wake()
    await work(scene, evidence)
    await scene.wake()
    return 1
  }

/** Paid with a token that was overheard. */
const afterPayingWithToken =
  (work: (scene: Scene, token: string) => Promise<unknown>): Attack =>
  async (scene) => {
    const token = await scene.catchToken('p')
    await scene.present(token, 'p')
    await work(scene, token)
    return 1
  }

export const REPLAY: readonly Attack[] = [
  afterPaying((scene, evidence) => scene.decide('p', evidence)),
  afterPaying(async (scene, evidence) => (await scene.ask('q'), scene.decide('q', evidence))),
  afterPaying((scene) => ask(scene.browser.runtime, 'payment.transfer', scene.params, 'p')),
  afterPaying((scene) => ask(scene.browser.runtime, 'payment.transfer', { ...scene.params, amount: '999.00' }, 'p')),
  // The disk put back to before it ran, under its own key and under another one.
  afterPaying((scene) => scene.rewrite('p', (record) => ({ ...record, state: 'ready', attempts: 0, synced: false, result: undefined }))),
  afterPaying((scene) =>
    scene.rewrite('p', (record) => ({ ...record, key: 'q', state: 'ready', attempts: 0, synced: false, fence: null, result: undefined })),
  ),
  afterPayingWithToken((scene, token) => scene.present(token, 'p')),
  afterPayingWithToken((scene, token) => scene.present(token, 'q')),
  afterPayingWithToken((scene, token) => scene.present(token, 'p', { ...scene.params, amount: '1.00' })),
  afterPayingWithToken((scene, token) => scene.present(token, 'p', scene.params, 'ben')),
  afterPayingWithToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, key: 'q' })),
      'q',
    ),
  ),
  afterPayingWithToken((scene, token) =>
    scene.present(
      resign(token, scene.browser.device, (claims) => ({ ...claims, key: 'q', nonce: `${claims.nonce}0` })),
      'q',
    ),
  ),
]
