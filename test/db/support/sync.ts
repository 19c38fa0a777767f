import type { TestStack } from './test-stack.ts'

export const DIGEST = 'a'.repeat(64)

type Word = Record<string, unknown>

export type SyncBody = {
  readonly tenant_id?: string
  readonly device_id?: string
  readonly claims?: readonly unknown[]
  readonly completions?: readonly unknown[]
  readonly audit?: readonly unknown[]
  readonly report?: unknown
}

/** What `POST maestro-sync` said; the lists are empty when it refused. */
export type SyncAnswer = { readonly status: number; readonly body: Word; readonly claims: Word[]; readonly completions: Word[]; readonly audit: Word }

/** A claim of an e-mail by the trace `t1`. */
export const aClaim = (key: string, other: Word = {}): Word => ({
  idempotency_key: key,
  trace_id: 't1',
  action: 'email.send',
  params_digest: DIGEST,
  lane: 'GREEN',
  ...other,
})

/** A completion under the first fence. */
export const aCompletion = (key: string, other: Word = {}): Word => ({ idempotency_key: key, fence: 1, state: 'done', result: null, ...other })

/** Sends a batch of `device-1` in the tenant `demo` (both can be changed). */
export const sync = async (stack: TestStack, token: string, body: SyncBody): Promise<SyncAnswer> => {
  const answer = await stack.call('POST', '/functions/v1/maestro-sync', { token, body: { tenant_id: 'demo', device_id: 'device-1', ...body } })
  const { claims = [], completions = [], audit = {} } = answer.body
  return { ...answer, claims: claims as Word[], completions: completions as Word[], audit: audit as Word }
}
