/**
 * The guard in the worker: what strangers wrote, and what an agent wants to write, is read for words that try to steer an agent.
 *
 * G1 A score only raises a lane; without the model nothing changes but a coded reason that the command `guard` tells.
 * G2 The model is asked for agents' intents alone; a person's own words are their own.
 * G3 Bounded: so many characters for one intent, the rest is left out from the middle of each text.
 */
import type { Json } from '../../src/base/json.ts'
import { ok } from '../../src/base/result.ts'
import type { Features } from '../../src/guard/features.ts'
import { MODEL_TROUBLES, type ModelTrouble } from '../../src/guard/model-file.ts'
import type { GuardModel } from '../../src/guard/model.ts'
import { scoreFeatures, windowFeatures } from '../../src/guard/score.ts'
import type { Lane } from '../../src/protocol/views.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Asked, Judged, Kit } from './kit.ts'

export type GuardParts = {
  /** The model, or why there is none. Asked again after a trouble that may pass. */
  readonly load: () => Promise<GuardModel | ModelTrouble>
  /** A second opinion on one window, 0 to 1; `null` when it has none. The higher of the two counts. */
  readonly second?: ((features: Features) => Promise<number | null>) | undefined
}

type Text = { readonly name: string; readonly text: string }
type Found = { readonly score: number; readonly passage: string }

const stringsOf = (value: Json | undefined): string =>
  typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(stringsOf).join('\n')
      : value && typeof value === 'object'
        ? Object.values(value).map(stringsOf).join('\n')
        : ''

/** What is read for one intent: the texts strangers could have written, and the content that would go out. */
function textsOf({ intent, declared }: Asked): Text[] {
  const sources = intent.sources.filter(({ kind }) => kind === 'untrusted').map(({ id, by, text }) => ({ name: `the text from ${by ?? id}`, text }))
  const contents = Object.entries(declared.roles ?? {})
    .filter(([, role]) => role === 'content')
    .map(([name]) => ({
      name: `what would be sent as "${name}"`,
      text: stringsOf(Object.hasOwn(intent.params, name) ? intent.params[name] : undefined),
    }))
  const texts = [...sources, ...contents].filter(({ text }) => text.trim() !== '')
  const share = Math.floor(LIMITS.guardCharsMax / Math.max(1, texts.length))
  return texts.map(({ name, text }) => ({ name, text: text.length <= share ? text : `${text.slice(0, share / 2)}\n${text.slice(-share / 2)}` }))
}

export const createGuard =
  ({ load, second }: GuardParts): Kit =>
  ({ log, clock }) => {
    let model: GuardModel | ModelTrouble | null = null
    let triedAt = -Infinity
    let loading: Promise<void> | null = null
    const kept = new Map<string, Found>()

    async function loadNow(): Promise<void> {
      triedAt = clock.elapsed()
      model = await load()
      if (typeof model === 'string') log.line({ level: 'warn', text: '[MAESTRO] Guard off', code: model })
    }

    async function ready(): Promise<GuardModel | null> {
      const isDue = model === null || (model === 'MODEL_UNREACHABLE' && clock.elapsed() - triedAt > LIMITS.backoffCapMs)
      if (isDue) await (loading ??= loadNow().finally(() => (loading = null)))
      return typeof model === 'string' ? null : model
    }

    async function scored(by: GuardModel, text: string): Promise<Found> {
      const known = kept.get(text)
      if (known) return known
      let worst: Found = { score: 0, passage: '' }
      let features: Features | null = null
      for (const window of windowFeatures(text)) {
        const score = scoreFeatures(by, window.features)
        if (score > worst.score) [worst, features] = [{ score, passage: window.window }, window.features]
      }
      const other = features === null ? null : await second?.(features).catch(() => null)
      if (typeof other === 'number' && other > worst.score && other <= 1) worst = { ...worst, score: other }
      if (kept.size >= LIMITS.guardKeptMax) kept.delete(kept.keys().next().value ?? '')
      kept.set(text, worst)
      return worst
    }

    async function judge(asked: Asked): Promise<Judged | null> {
      if (asked.intent.agent === null) return null
      const texts = textsOf(asked)
      const by = texts.length === 0 ? null : await ready()
      if (by === null) return null
      const reasons: string[] = []
      let lane: Lane = 'GREEN'
      for (const { name, text } of texts) {
        const { score, passage } = await scored(by, text)
        if (score < by.threshold) continue
        if (score >= by.certain) lane = 'RED'
        else if (lane === 'GREEN') lane = 'YELLOW'
        reasons.push(`${name} reads as if it wanted to steer the assistant: “${passage.replace(/\s+/g, ' ').slice(0, 160)}”`)
      }
      return lane === 'GREEN' ? null : { lane, reasons }
    }

    return {
      judge,
      commands: {
        guard: {
          args: v.strictObject({}),
          async run() {
            const now = await ready()
            if (now !== null) return ok({ on: true, threshold: now.threshold, certain: now.certain })
            const code = model as ModelTrouble
            return ok({ on: false, code, message: MODEL_TROUBLES[code] })
          },
        },
      },
    }
  }
