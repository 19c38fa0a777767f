import { look } from '../support/runtime-driver.ts'
import { several, type Attack } from './attack.ts'
import type { Stored } from './scene.ts'

/** Several wait; each gets what belongs to its neighbour. */
const crossed =
  (how: 'evidence' | 'digest' | 'both'): Attack =>
  async (scene) => {
    const keys = several(scene)
    for (const key of keys) await scene.ask(key)
    const proofs = await Promise.all(keys.map((key) => scene.prove(key)))
    const digests = await Promise.all(keys.map(async (key) => (await look(scene.browser.runtime, key))?.digest))
    const by = 1 + scene.rng.int(keys.length - 1)
    for (const [i, key] of keys.entries()) {
      const next = (i + by) % keys.length
      await scene.decide(key, proofs[how === 'digest' ? i : next], how === 'evidence' ? undefined : digests[next])
    }
    await scene.wake()
    return 0
  }

export const REORDER: readonly Attack[] = [
  crossed('evidence'),
  crossed('digest'),
  crossed('both'),
  // Approved both, then their approvals change places on the disk.
  async (scene) => {
    scene.browser.world.online = false
    await scene.approve('p0')
    await scene.approve('p1')
    const kept: Stored['approved'][] = []
    for (const key of ['p0', 'p1']) await scene.rewrite(key, (record) => (kept.push(record.approved), record))
    const digests = scene.rng.chance(0.5)
    for (const [i, key] of ['p0', 'p1'].entries())
      await scene.rewrite(key, (record) => ({ ...record, approved: { ...kept[1 - i], ...(digests ? { digest: record.digest } : {}) } }))
    await scene.wake()
    return 0
  },
  async (scene) => {
    const [first, second] = [await scene.catchToken('p0'), await scene.catchToken('p1')]
    await scene.present(first, 'p1')
    await scene.present(second, 'p0')
    return 0
  },
]
