import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { JsonObject } from '../../src/base/json.ts'
import type { ReceiptView } from '../../src/protocol/views.ts'
import type { FarEnd } from './hunt-far-end.ts'
import type { MaestroWindow } from './in-page.ts'

/** One thing the hunt asked for. `n` is its identity at the far end, `key` the one the page gave it. */
export type Intent = { readonly n: number; readonly key: string; readonly action: string; readonly params: JsonObject }

export const intent = (n: number, action: string, more: JsonObject = {}): Intent => ({ n, key: `hunt-${n}`, action, params: { n, ...more } })

/** Keys that were accepted as durable, and what became of the others (status of the answer), by number. */
export type Asked = { readonly accepted: readonly number[]; readonly refused: Readonly<Record<number, string>> }

const ACCEPTED = new Set(['queued', 'done', 'held', 'dead', 'unknown'])

/** Asks for all of them at once, as a page does that empties a form; resolves with what was told before the page died, too. */
export const ask = async (page: Page, intents: readonly Intent[]): Promise<Asked> => {
  const answers = await page.evaluate(
    async (all) => {
      const { maestro } = window as unknown as MaestroWindow
      return Promise.all(
        all.map(async ({ n, key, action, json }) => {
          const handle = await maestro.execute(action, JSON.parse(json), { key })
          return { n, status: handle.status, code: handle.failure?.code ?? '' }
        }),
      )
    },
    intents.map(({ n, key, action, params }) => ({ n, key, action, json: JSON.stringify(params) })),
  )
  const accepted = answers.filter(({ status }) => ACCEPTED.has(status)).map(({ n }) => n)
  return {
    accepted,
    refused: Object.fromEntries(answers.filter(({ status }) => !ACCEPTED.has(status)).map(({ n, status, code }) => [n, `${status} ${code}`])),
  }
}

/** What the worker says of each, in the order asked; `null` when it has no such receipt. */
export const receiptsOf = (page: Page, intents: readonly Intent[]): Promise<readonly (ReceiptView | null)[]> =>
  page.evaluate(
    (keys) => Promise.all(keys.map((key) => (window as unknown as MaestroWindow).maestro.receipt(key))),
    intents.map(({ key }) => key),
  )

const ENDED = new Set(['done', 'dead', 'refused', 'unknown'])

/** Waits until nothing moves any more: every receipt is terminal or waits for a person. Gives what there is when time is up. */
export const drained = async (page: Page, intents: readonly Intent[], withinMs: number): Promise<readonly (ReceiptView | null)[]> => {
  const end = Date.now() + withinMs
  for (;;) {
    const receipts = await receiptsOf(page, intents)
    if (receipts.every((receipt) => receipt !== null && ENDED.has(receipt.status)) || Date.now() > end) return receipts
    await sleep(200)
  }
}

export type Comparison = { readonly lost: readonly string[]; readonly repeated: readonly string[] }

/**
 * Effects beside receipts. Lost: accepted and not there any more, said to be done and not done, or still not done at the end.
 * An effect of the at-most-once kind may also end as `unknown`: it is a person's then, not lost. Repeated: more than one effect.
 */
export const compare = (farEnd: FarEnd, intents: readonly Intent[], receipts: readonly (ReceiptView | null)[]): Comparison => {
  const counts = new Map<number, number>()
  for (const { n } of farEnd.backEnd.effects) counts.set(n, (counts.get(n) ?? 0) + 1)
  const lost: string[] = []
  const repeated: string[] = []
  intents.forEach(({ n, key, action }, i) => {
    const receipt = receipts[i]
    const effects = counts.get(n) ?? 0
    const isAPersons = action === 'hunt.once' && receipt?.status === 'unknown'
    const isDone = receipt?.status === 'done' && effects > 0
    if (!isDone && !isAPersons)
      lost.push(
        `${action} ${key}: ${receipt?.status ?? 'no receipt'} ${receipt?.waitingFor ?? ''} ${receipt?.failure?.message ?? ''}, ${effects} effects`,
      )
    if (effects > 1) repeated.push(`${action} ${key}: ${effects} effects`)
  })
  return { lost, repeated }
}
