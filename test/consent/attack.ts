/** What attacks are made of. Each gets a fresh person and browser; it returns how many payments the person themselves had made in it. */
import type { Json } from '../../src/base/json.ts'
import { rehash, type Scene, type Stored } from './scene.ts'

export type Attack = (scene: Scene) => Promise<number>

export const DAY_MS = 86_400_000

/** Another value of the same kind. */
export const other = ({ rng }: Scene, value: Json | undefined): Json =>
  typeof value === 'number' ? value + rng.int(1_000) + 1 : value === null ? 'evil' : `${String(value)}${rng.int(10)}`

export const editCall =
  (edit: (call: Record<string, Json>) => Record<string, Json>) =>
  (record: Stored): Stored => ({ ...record, call: edit(record.call) })

export const editParams = (edit: (params: Record<string, Json>) => Record<string, Json>) =>
  editCall((call) => ({ ...call, params: edit(call['params'] as Record<string, Json>) }))

/** Approved while there was no network, then changed on the disk, by whoever holds this device's keys. */
export const afterApproval =
  (edit: (scene: Scene, record: Stored) => Stored): Attack =>
  async (scene) => {
    scene.browser.world.online = false
    await scene.approve('p')
    const isHashed = scene.rng.chance(0.6)
    await scene.rewrite('p', (record) => (isHashed ? rehash(edit(scene, record)) : edit(scene, record)))
    await scene.wake()
    return 0
  }

/** A token of an approved payment that never arrived, changed and sent by somebody. */
export const withToken =
  (work: (scene: Scene, token: string) => Promise<unknown>): Attack =>
  async (scene) => {
    await work(scene, await scene.catchToken('p'))
    return 0
  }

export const several = (scene: Scene): string[] => Array.from({ length: 2 + scene.rng.int(3) }, (_, i) => `p${i}`)

export const pass = (scene: Scene, days: number): void => {
  scene.backEnd.now += days * DAY_MS
  scene.browser.world.now += days * DAY_MS
}

export const agentOf = async ({ browser }: Scene, name: string): Promise<string> => {
  const said = await browser.runtime.commands.agent({ name }, { gate: browser.runtime.gate.view() })
  if (!said.ok) throw new Error(said.error.code)
  return said.value as string
}
