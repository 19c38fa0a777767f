import type { Json } from './json.ts'
import { err, ok, type Result } from './result.ts'

export type NotJson = { readonly why: 'type' | 'depth' | 'prototype key' | 'surrogate'; readonly path: string }

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype as object) === null
}

/**
 * A deep copy that holds nothing but JSON: no accessor, class instance, prototype key, non-finite number or lone surrogate
 * survives, because approvals and fingerprints are taken over these values. `undefined` members count as absent.
 */
export function toJson(value: unknown, depthMax: number): Result<Json, NotJson> {
  const walk = (item: unknown, path: string, depth: number): Result<Json, NotJson> => {
    if (depth > depthMax) return err({ why: 'depth', path })
    if (item === null || typeof item === 'boolean') return ok(item)
    if (typeof item === 'string') return item.isWellFormed() ? ok(item) : err({ why: 'surrogate', path })
    if (typeof item === 'number') return Number.isFinite(item) ? ok(item) : err({ why: 'type', path })
    if (typeof item !== 'object') return err({ why: 'type', path })
    if (Array.isArray(item)) {
      const copy: Json[] = []
      for (let i = 0; i < item.length; i++) {
        const child = walk(item[i], `${path}[${i}]`, depth + 1)
        if (!child.ok) return child
        copy.push(child.value)
      }
      return ok(copy)
    }
    if (!isPlain(item)) return err({ why: 'type', path })
    const copy: Record<string, Json> = {}
    for (const name of Object.keys(item)) {
      const at = path === '' ? name : `${path}.${name}`
      if (FORBIDDEN.has(name)) return err({ why: 'prototype key', path: at })
      if (!name.isWellFormed()) return err({ why: 'surrogate', path: at })
      const member = (item as Record<string, unknown>)[name]
      if (member === undefined) continue
      const child = walk(member, at, depth + 1)
      if (!child.ok) return child
      copy[name] = child.value
    }
    return ok(copy)
  }
  return walk(value, '', 0)
}
