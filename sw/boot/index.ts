/** What an app's worker uses: `maestro-sw/worker`. */
export { createMaestro, type MaestroOptions } from './create-maestro.ts'
export { http, local, page } from './effects.ts'
export type { ActionDeclaration, Actions, Effect } from '../ports/action.ts'
export type { Condition, Directories, LaneRules, Rule } from '../../src/policy/lane-rules.ts'
export type { StandardSchema } from '../../src/protocol/standard-schema.ts'
export type { Json, JsonObject } from '../../src/base/json.ts'
