import { h } from '../dialog/h.ts'
import type { Failure } from '../protocol/failure.ts'
import { button } from './button.ts'
import { openSheet } from './sheet.ts'
import { told } from './told.ts'

export type Question = {
  readonly title: string
  readonly about: string
  /** What it means, one paragraph each. */
  readonly means: readonly string[]
  readonly yes: string
  readonly no: string
  readonly act: () => Promise<Failure | null>
}

/** Says what a step means before it is taken; the safe answer has the focus. Resolves true once it is done. */
export const confirmSheet = async (root: ShadowRoot, { title, about, means, yes, no, act }: Question): Promise<boolean> => {
  const sheet = openSheet<true>(root, title, about, ...means.map((text) => h('p', {}, text)))
  const keep = button(no, '', () => sheet.close(null))
  const go = button(yes, 'danger', async () => {
    if ((await told(act(), sheet.alert)) !== null) sheet.close(true)
  })
  sheet.actions.append(keep, go)
  keep.focus()
  return (await sheet.chosen) === true
}
