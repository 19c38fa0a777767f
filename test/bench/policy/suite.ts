import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../../src/base/json.ts'
import { DOES, ROLES, type Declared, type Does, type Role } from '../../../src/policy/declared.ts'

/** A call of a suite, without any field that gives the answer away. */
export type SuiteCall = { readonly name: string; readonly args: JsonObject; readonly output: string }

export type Tool = Declared & { readonly trusted: boolean }

export type BenignTask = {
  readonly prompt: string
  readonly calls: readonly SuiteCall[]
  /** Which call's output a stranger writes into first, and the text that stands there without an attack; `null` when none does. */
  readonly poisoned: { readonly at: number; readonly places: readonly string[] } | null
}

export type Attack = { readonly goal: string; readonly calls: readonly SuiteCall[] }

export type Suite = {
  readonly name: string
  readonly tools: ReadonlyMap<string, Tool>
  readonly tasks: readonly BenignTask[]
  readonly attacks: readonly Attack[]
}

type Raw = Readonly<Record<string, unknown>>

const list = (value: unknown): readonly Raw[] => (Array.isArray(value) ? (value as Raw[]) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value))
const NAMES: Readonly<Record<string, Does>> = { read_ext: 'read-external', readExternal: 'read-external' }

const doesOf = (value: unknown): Does | undefined => NAMES[text(value)] ?? DOES.find((each) => each === value)

function toolOf(raw: Raw): Tool {
  const does = doesOf(raw['effect'])
  const given = raw['param_roles']
  const roles = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, Role>>) : undefined
  const known =
    roles === undefined
      ? undefined
      : Object.fromEntries(Object.entries(roles).map(([param, role]) => [param, ROLES.includes(role) ? role : 'target']))
  return {
    name: text(raw['name']),
    trusted: raw['output_trust'] === 'trusted',
    ...(does === undefined ? {} : { does }),
    ...(known === undefined ? {} : { roles: known as Readonly<Record<string, Role>> }),
  }
}

const callOf = (raw: Raw): SuiteCall => ({
  name: text(raw['function'] ?? raw['name']),
  args: (typeof raw['args'] === 'object' && raw['args'] !== null ? raw['args'] : {}) as JsonObject,
  output: text(raw['output']),
})

function taskOf(raw: Raw, defaults: ReadonlyMap<string, string>): BenignTask {
  const calls = list(raw['calls'])
  const at = calls.findIndex((call) => list(call['injection_vectors_in_output']).length > 0)
  const vectors = at < 0 ? [] : (calls[at]?.['injection_vectors_in_output'] as readonly string[])
  const seen = list(raw['injection_vectors_seen']).length > 0
  return {
    prompt: text(raw['prompt'] ?? raw['instruction']),
    calls: calls.map(callOf),
    poisoned: seen && at >= 0 ? { at, places: vectors.map((name) => defaults.get(name) ?? '') } : null,
  }
}

function suiteOf(name: string, raw: Raw): Suite {
  const vectors = (raw['injection_vectors'] ?? {}) as Readonly<Record<string, Raw>>
  const defaults = new Map(Object.entries(vectors).map(([vector, each]) => [vector, text(each['default'])]))
  return {
    name,
    tools: new Map(
      list(raw['tools'])
        .map(toolOf)
        .map((tool) => [tool.name, tool]),
    ),
    tasks: list(raw['user_tasks'] ?? raw['tasks']).map((task) => taskOf(task, defaults)),
    attacks: list(raw['injection_tasks']).map((attack) => ({ goal: text(attack['goal']), calls: list(attack['calls']).map(callOf) })),
  }
}

/** Every suite of a folder: each JSON file that has tools and tasks. `null` when the folder has none. */
export function readSuites(folder: string): readonly Suite[] | null {
  if (!existsSync(folder)) return null
  const suites = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .flatMap((file): readonly Suite[] => {
      const raw = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Raw
      return Array.isArray(raw['tools']) && Array.isArray(raw['user_tasks'] ?? raw['tasks']) ? [suiteOf(file.replace(/\.json$/, ''), raw)] : []
    })
  return suites.length === 0 ? null : suites
}
