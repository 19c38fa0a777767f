import { expect, test } from 'vitest'
import type { Attack } from '../consent/attack.ts'
import { CONTROLS } from '../consent/controls.ts'
import { excess, hunt } from '../consent/hunt.ts'
import { ATTACKS, KINDS } from '../consent/kinds.ts'

test('REQ B-2: of generated approve-then-mutate, forged, replayed, reordered, expired and swapped cases nothing runs', async () => {
  const { byKind, found } = await hunt(KINDS.length * 4, 'npm test')
  expect(found).toEqual([])
  for (const kind of KINDS) expect([kind, byKind[kind]]).toEqual([kind, { cases: 4, run: 0, controls: 1, failed: 0 }])
})

test('the cases can fail: where nobody asks for proof they get through', async () => {
  const [forged] = ATTACKS.forge as readonly [Attack]
  expect(await excess(forged, 'gullible', true)).toBe(1)
  expect(await excess(ATTACKS.replay.at(-1) as Attack, 'gullible', true)).toBe(1)
  expect(await excess(CONTROLS.reorder, 'gullible', true)).toBe(0)
})
