/** The shared ledger as a far end in memory: claims with fences, completions, audit heads, one at a time and in batches. */

type Receipt = { trace: string; digest: string; fence: number; state: string; result: string | null }
type Claim = { readonly idempotency_key: string; readonly trace_id: string; readonly params_digest?: string }
type Completion = { readonly idempotency_key: string; readonly fence: number; readonly state: string; readonly result: string | null }
type Entry = { readonly seq: number; readonly hash: string }
type Batch = {
  readonly device_id?: string
  readonly claims?: readonly Claim[]
  readonly completions?: readonly Completion[]
  readonly audit?: readonly Entry[]
}
type Said = { readonly status: number; readonly body: Record<string, unknown> }

/** The server forgets nothing while a hunt runs; what it says is a quarter of a year. */
const RETENTION_S = 90 * 86_400
const ITEMS_MAX = 500
const ZEROS = '0'.repeat(64)

export type HuntReceipts = {
  claim(user: string, claim: Claim): Said
  complete(user: string, completion: Completion): Said
  sync(user: string, batch: Batch): Said
  lookUp(user: string, key: string): Said
  /** State of a key, for tests. */
  stateOf(user: string, key: string): string | undefined
  /** Names that devices gave themselves. */
  readonly devices: ReadonlySet<string>
}

export const createReceipts = (): HuntReceipts => {
  const receipts = new Map<string, Receipt>()
  /** By person and device: hash by sequence. */
  const chains = new Map<string, Map<number, string>>()
  const devices = new Set<string>()

  const claim = (user: string, { idempotency_key: key, trace_id: trace, params_digest: digest = '' }: Claim): Said => {
    const id = `${user} ${key}`
    const there = receipts.get(id)
    if (there === undefined) {
      receipts.set(id, { trace, digest, fence: 1, state: 'claimed', result: null })
      return { status: 200, body: { claimed: true, fence: 1, retention_s: RETENTION_S } }
    }
    if (there.digest !== digest) return { status: 422, body: { code: 'KEY_REUSED', message: 'the key was used for something else' } }
    if (there.state !== 'claimed')
      return { status: 200, body: { claimed: false, idempotent: true, state: there.state, result: there.result, retention_s: RETENTION_S } }
    if (there.trace !== trace) return { status: 409, body: { code: 'IN_PROGRESS', message: 'another device has it', retry_after_s: 5 } }
    there.fence += 1
    return { status: 200, body: { claimed: true, fence: there.fence, retention_s: RETENTION_S } }
  }

  const complete = (user: string, { idempotency_key: key, fence, state, result }: Completion): Said => {
    const there = receipts.get(`${user} ${key}`)
    if (there === undefined) return { status: 404, body: { code: 'RECEIPT_UNKNOWN', message: 'no such receipt' } }
    if (fence < there.fence || (there.state !== 'claimed' && there.state !== state))
      return { status: 409, body: { code: 'FENCE_STALE', message: 'a later claim has it' } }
    there.state = state
    there.result = result
    return { status: 200, body: { completed: true } }
  }

  const append = (device: string, entries: readonly Entry[]): Record<string, unknown> => {
    const there = chains.get(device)
    const chain = there ?? new Map<number, string>()
    const from = there === undefined ? (entries[0]?.seq ?? 1) - 1 : Math.max(0, ...chain.keys())
    const isKnown = ({ seq, hash }: Entry): boolean => chain.get(seq) === hash
    const fresh = entries.filter((entry) => !isKnown(entry))
    const isForked = fresh.some(({ seq }, i) => seq !== from + 1 + i)
    if (!isForked) for (const { seq, hash } of fresh) chain.set(seq, hash)
    if (chain.size > 0) chains.set(device, chain)
    const through = Math.max(0, ...chain.keys())
    return { through, hash: chain.get(through) ?? ZEROS, ...(isForked ? { code: 'AUDIT_FORK' } : {}) }
  }

  const sync = (user: string, { device_id: device = '', claims = [], completions = [], audit = [] }: Batch): Said => {
    if (claims.length + completions.length + audit.length > ITEMS_MAX) return { status: 413, body: { code: 'BATCH_TOO_LARGE', message: 'too many' } }
    devices.add(device)
    const answered = claims.map((each) => {
      const { status, body } = claim(user, each)
      return { idempotency_key: each.idempotency_key, ...(status === 200 ? {} : { claimed: false }), ...body }
    })
    const completed = completions.map((each) => {
      const { body } = complete(user, each)
      return { idempotency_key: each.idempotency_key, ...('completed' in body ? {} : { completed: false }), ...body }
    })
    const body = {
      claims: answered,
      completions: completed,
      audit: append(`${user} ${device}`, audit),
      retention_s: RETENTION_S,
      server_time: new Date().toISOString(),
      kill_version: 1,
    }
    return { status: 200, body }
  }

  return {
    claim,
    complete,
    sync,
    lookUp: (user, key) => {
      const there = receipts.get(`${user} ${key}`)
      return there === undefined
        ? { status: 404, body: { code: 'RECEIPT_UNKNOWN', message: 'no such receipt' } }
        : { status: 200, body: { state: there.state, fence: there.fence, params_digest: there.digest, result: there.result } }
    },
    devices,
    stateOf: (user, key) => receipts.get(`${user} ${key}`)?.state,
  }
}
