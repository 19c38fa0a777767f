import { createHash } from 'node:crypto'

/** One thing that really happened at the far end. `n` is the intent's own number, so that the same intent under another key would show. */
export type HuntEffect = { readonly n: number; readonly key: string; readonly user: string; readonly path: string; readonly at: number }

export type Applied = { readonly status: number; readonly body: unknown }

/** A back end that keeps keys with effects, and, for paths that end in `/once`, one that does not. */
export type HuntBackEnd = {
  readonly effects: readonly HuntEffect[]
  /** How often each intent arrived with its effect already done. */
  readonly repeatsCaught: () => number
  apply(request: { readonly path: string; readonly key: string; readonly user: string; readonly params: unknown }): Applied
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

export const createBackEnd = (): HuntBackEnd => {
  const effects: HuntEffect[] = []
  const kept = new Map<string, { readonly digest: string; readonly body: Record<string, unknown> }>()
  let caught = 0

  return {
    effects,
    repeatsCaught: () => caught,
    apply({ path, key, user, params }) {
      if (key === '') return { status: 400, body: { code: 'KEY_MISSING', message: 'no Idempotency-Key' } }
      const { n } = (params ?? {}) as { n?: unknown }
      if (typeof n !== 'number') return { status: 400, body: { code: 'PARAMS_INVALID', message: 'no number' } }
      const id = `${user} ${key}`
      const before = path.endsWith('/once') ? undefined : kept.get(id)
      if (before !== undefined) {
        if (before.digest !== digest(params)) return { status: 422, body: { code: 'KEY_REUSED', message: 'the key has other parameters' } }
        caught += 1
        return { status: 200, body: { ...before.body, idempotent: true } }
      }
      effects.push({ n, key, user, path, at: Date.now() })
      const body = { id: `e${effects.length}`, n, idempotent: false }
      kept.set(id, { digest: digest(params), body })
      return { status: 200, body }
    },
  }
}
