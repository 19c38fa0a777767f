import type { Json, JsonObject } from '../base/json.ts'
import { fold } from './text.ts'

/** One thing that an app told of: the names people know it by, and everything else at its first level. */
export type Thing = {
  readonly names: readonly string[]
  readonly ids: readonly string[]
  readonly values: readonly string[]
  /** Its lists, by what the app calls them. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** Only a name in a list of names. */
  readonly isPlain: boolean
}

/** Things taken from one output; a list of more is not looked up by name. */
const THINGS_MAX = 5_000
const DEPTH_MAX = 8

const NAME_KEYS = /^(?:name|title|subject|filename|file_name|label|summary|username|user_name|display_name|full_name|headline|topic)_?$/i
const ID_KEYS = /^(?:id|uid|uuid|key|.*_id|.*[a-z]Id|id_)$/

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
const scalar = (value: Json | undefined): readonly string[] =>
  typeof value === 'string'
    ? [fold(value)]
    : typeof value === 'number'
      ? [String(value)]
      : Array.isArray(value)
        ? value.slice(0, 200).flatMap(scalarOnly)
        : []
const scalarOnly = (value: Json): readonly string[] => (typeof value === 'object' ? [] : scalar(value))

function thingOf(object: JsonObject): Thing {
  const entries = Object.entries(object)
  const pick = (keys: RegExp): readonly string[] => entries.filter(([key]) => keys.test(key)).flatMap(([, value]) => scalar(value))
  const lists = new Map(entries.filter(([, value]) => Array.isArray(value)).map(([key, value]) => [key, scalar(value)]))
  return { names: pick(NAME_KEYS), ids: pick(ID_KEYS), values: entries.flatMap(([, value]) => scalar(value)), lists, isPlain: false }
}

const plain = (name: string): Thing => ({ names: [name], ids: [name], values: [name], lists: new Map(), isPlain: true })

/** The things that a structured output tells of. A text is never taken apart: whoever wrote it could write a thing into it. */
export function thingsIn(value: Json | undefined): readonly Thing[] {
  const found: Thing[] = []
  const open: { readonly value: Json | undefined; readonly depth: number }[] = [{ value, depth: 0 }]
  for (let next = open.pop(); next !== undefined && found.length < THINGS_MAX; next = open.pop()) {
    if (next.depth > DEPTH_MAX) continue
    const depth = next.depth + 1
    if (Array.isArray(next.value)) {
      for (const item of next.value.slice(0, THINGS_MAX))
        if (typeof item === 'object') open.push({ value: item, depth })
        else found.push(...scalarOnly(item).map(plain))
    } else if (isObject(next.value)) {
      found.push(thingOf(next.value))
      for (const item of Object.values(next.value)) if (typeof item === 'object') open.push({ value: item, depth })
    }
  }
  return found
}
