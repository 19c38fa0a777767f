import type { Json } from '../../base/json.ts'
import { KeySchema } from '../../protocol/idempotency-key.ts'
import * as LIMITS from '../../protocol/limits.ts'
import * as v from '../../protocol/schema.ts'
import { parseDemoParams } from './demo-actions.ts'
import { appliedAnswer, keyInvalid, paramsInvalid, tooLarge } from './demo-answers.ts'
import type { DemoAnswer } from './demo-answers.ts'
import type { Applied, Asked, EffectStore } from './effect-store.ts'

type Owner = { readonly tenant: string; readonly principal: string }
type Item = { readonly key: string | null; readonly word: Asked | DemoAnswer }

/** Mail is what this back end takes by the hundred. */
const ACTION = 'email.send'

const ItemSchema = v.looseObject({ key: v.optional(v.unknown()), params: v.optional(v.unknown()) })

const judge = (given: unknown, owner: Owner): Item => {
  const item = v.safeParse(ItemSchema, given)
  const key = v.safeParse(KeySchema, item.success ? item.output.key : undefined)
  if (!item.success || !key.success) return { key: null, word: keyInvalid }
  const { params } = item.output
  if (Buffer.byteLength(JSON.stringify(params ?? null)) > LIMITS.paramsBytesMax) return { key: key.output, word: tooLarge }
  const parsed = parseDemoParams(ACTION, params)
  return {
    key: key.output,
    word: 'field' in parsed ? paramsInvalid(parsed.field) : { ...owner, key: key.output, action: ACTION, params: parsed.params },
  }
}

/** Answers each item as its own request would be answered, in the order asked; an item that is wrong changes nothing for the others. */
export const performBatch = async (store: EffectStore, owner: Owner, given: readonly unknown[]): Promise<readonly Json[]> => {
  const items = given.map((one) => judge(one, owner))
  const asked = items.flatMap(({ word }) => ('action' in word ? [word] : []))
  const applied = (await store.applyAll(owner, asked)).values()
  return items.map(({ key, word }) => ({ key, ...('action' in word ? appliedAnswer(applied.next().value as Applied) : word) }))
}
