/**
 * The guard in the worker: what strangers wrote, and what an agent wants to write, is read for words that try to steer an agent.
 *
 * G1 A score only raises a lane; without the model nothing changes but a coded reason that the command `guard` tells.
 * G2 The model is asked for agents' intents alone; what a person does by hand is their own.
 * G3 Bounded: so many characters that were not scored before, for one intent. A text that does not fit is read at both ends, and a person is asked.
 * G4 What a page calls its texts decides nothing: all of them are read, and the outputs that the worker recorded.
 */
import { ok } from '../../src/base/result.ts'
import type { Features } from '../../src/guard/features.ts'
import { MODEL_TROUBLES, type ModelTrouble } from '../../src/guard/model-file.ts'
import type { GuardModel } from '../../src/guard/model.ts'
import { scoreFeatures, windowFeatures } from '../../src/guard/score.ts'
import { stricter } from '../../src/policy/stricter.ts'
import type { Lane } from '../../src/protocol/views.ts'
import * as LIMITS from '../../src/protocol/limits.ts'
import * as v from '../../src/protocol/schema.ts'
import { createOpinion, type Second } from './guard-opinion.ts'
import { guardTexts } from './guard-texts.ts'
import type { Asked, Judged, Kit } from './kit.ts'

export type GuardParts = {
  /** The model, or why there is none. Asked again after a trouble that may pass. */
  readonly load: () => Promise<GuardModel | ModelTrouble>
  /** A second opinion on one window, 0 to 1; `null` when it has none. The higher of the two counts. */
  readonly second?: Second | undefined
}

/** `left`: the worst window, while the second opinion on it is still owed. */
type Found = { readonly score: number; readonly passage: string; readonly left: Features | null }

export const createGuard =
  ({ load, second }: GuardParts): Kit =>
  (host) => {
    const { log, clock } = host
    const opinion = createOpinion(second, host)
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

    const keep = (text: string, found: Found): Found => {
      kept.delete(text)
      if (kept.size >= LIMITS.guardKeptMax) kept.delete(kept.keys().next().value ?? '')
      kept.set(text, found)
      return found
    }

    function read(by: GuardModel, text: string): Found {
      let worst: Found = { score: 0, passage: '', left: null }
      for (const { window, features } of windowFeatures(text)) {
        const score = scoreFeatures(by, features)
        if (score > worst.score) worst = { score, passage: window, left: second ? features : null }
      }
      return worst
    }

    async function scored(by: GuardModel, text: string): Promise<Found> {
      const found = kept.get(text) ?? read(by, text)
      const other = found.left === null ? null : await opinion(found.left)
      return keep(text, other === null ? found : { ...found, score: Math.max(found.score, other), left: null })
    }

    async function judge(asked: Asked): Promise<Judged | null> {
      if (asked.intent.agent === null) return null
      const texts = guardTexts(asked, host)
      const by = texts.length === 0 ? null : await ready()
      if (by === null) return null
      const reasons: string[] = []
      let lane: Lane = 'GREEN'
      const raise = (to: Lane, why: string): void => {
        lane = stricter({ lane, reasons: [] }, { lane: to, reasons: [] }).lane
        reasons.push(why)
      }
      let room: number = LIMITS.guardCharsMax
      for (const { name, text } of texts) {
        const isWhole = kept.has(text) || text.length <= room
        const half = Math.floor(room / 2)
        const part = isWhole ? text : `${text.slice(0, half)}\n${text.slice(text.length - half)}`
        if (!kept.has(text)) room -= Math.min(room, text.length)
        const { score, passage } = await scored(by, part)
        if (score >= by.threshold)
          raise(
            score >= by.certain ? 'RED' : 'YELLOW',
            `${name} reads as if it wanted to steer the assistant: “${passage.replace(/\s+/g, ' ').slice(0, 160)}”`,
          )
        else if (!isWhole) raise('YELLOW', `${name} is too long to be read whole`)
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
