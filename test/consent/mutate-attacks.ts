import { afterApproval, editCall, editParams, other, type Attack } from './attack.ts'
import { rehash } from './scene.ts'

/** Approved, then something else. */
export const MUTATE: readonly Attack[] = [
  ...(['iban', 'amount', 'currency', 'reference'] as const).map((name) =>
    afterApproval((scene, record) => editParams((params) => ({ ...params, [name]: other(scene, params[name]) }))(record)),
  ),
  afterApproval((_scene, record) => editParams((params) => ({ ...params, extra: 'x' }))(record)),
  afterApproval((_scene, record) => editParams(({ reference: _gone, ...params }) => params)(record)),
  ...(['action', 'version', 'origin', 'nonce', 'seq', 'issued', 'expires', 'principal', 'tenant'] as const).map((name) =>
    afterApproval((scene, record) => editCall((call) => ({ ...call, [name]: other(scene, call[name]) }))(record)),
  ),
  // The larger payment made to look like one that needs no proof, or no person.
  afterApproval((scene, record) =>
    editParams((params) => ({ ...params, iban: other(scene, params['iban']) }))({ ...record, approved: { digest: record.digest, at: 1 } }),
  ),
  afterApproval((scene, record) =>
    editParams((params) => ({ ...params, iban: other(scene, params['iban']) }))({ ...record, approved: null, asks: false, lane: 'GREEN' }),
  ),
  // Never approved at all.
  async (scene) => {
    scene.browser.world.online = false
    await scene.ask('p')
    const approved = scene.rng.chance(0.5) ? { at: 1, digest: '' } : null
    await scene.rewrite('p', (record) => rehash({ ...record, state: 'ready', approved, ...(approved ? {} : { asks: false, lane: 'GREEN' }) }))
    await scene.wake()
    return 0
  },
]
