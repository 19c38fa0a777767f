/** What a far end can do to one request, and the catalogue of it that hunts draw from. */

export type Canned = { readonly status: number; readonly body?: string; readonly type?: string; readonly headers?: Readonly<Record<string, string>> }

/** One item's part of a batch answer, beside its key. */
export type BatchAnswer = { readonly status: number; readonly body: unknown; readonly retry_after_s?: number }

export type HuntFault = {
  /** Counted under this name. */
  readonly name: string
  /** Whether the request does what it asks for. */
  readonly reaches: boolean
  /** Waits for this first. */
  readonly until?: Promise<unknown>
  /** Waits before it does, ms. */
  readonly beforeMs?: number
  /** Waits between doing and answering, ms. */
  readonly afterMs?: number
  /** In a batch: the answer to an item that is then not done, by its number. */
  readonly refuse?: (n: number) => BatchAnswer | undefined
  /** The true answer (200 when nothing was done), a cut connection, another answer, or one made from the true one. */
  readonly answer: 'true' | 'cut' | Canned | ((truth: Canned) => Canned)
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Canned => ({
  status,
  body: JSON.stringify(body),
  type: 'application/json',
  headers,
})

const problem = (status: number, headers: Readonly<Record<string, string>> = {}): Canned =>
  json(status, { code: `STATUS_${status}`, message: `the far end says ${status}` }, headers)

export const PASS: HuntFault = { name: 'none', reaches: true, answer: 'true' }

export const requestLost: HuntFault = { name: 'request-lost', reaches: false, answer: 'cut' }
export const answerLost: HuntFault = { name: 'answer-lost', reaches: true, answer: 'cut' }
export const html: HuntFault = {
  name: 'html',
  reaches: false,
  answer: { status: 200, type: 'text/html; charset=utf-8', body: '<!doctype html><title>Sign in to the network</title>' },
}
export const htmlAfterEffect: HuntFault = { ...html, name: 'html-after-effect', reaches: true }
export const status = (code: number, headers: Readonly<Record<string, string>> = {}): HuntFault => ({
  name: `status-${code}`,
  reaches: false,
  answer: problem(code, headers),
})
export const statusAfterEffect = (code: number): HuntFault => ({ ...status(code), name: `status-${code}-after-effect`, reaches: true })
export const hang = (forMs: number, reaches: boolean): HuntFault => ({
  name: reaches ? 'hang-after-effect' : 'hang',
  reaches,
  afterMs: forMs,
  answer: 'cut',
})
export const late = (ms: number): HuntFault => ({ name: 'late', reaches: true, beforeMs: ms / 2, afterMs: ms / 2, answer: 'true' })
export const answerWith = (name: string, reaches: boolean, body: unknown, code = 200): HuntFault => ({ name, reaches, answer: json(code, body) })

type Element = BatchAnswer & { readonly key: string }

/** A batch that was done as asked, and whose answer is told otherwise. */
export const retold = (name: string, tell: (elements: readonly Element[]) => unknown): HuntFault => ({
  name,
  reaches: true,
  answer: (truth) => ({ ...truth, body: JSON.stringify(tell(JSON.parse(truth.body ?? '[]') as readonly Element[])) }),
})

/** What may come back instead of one answer for each item, after all of them were done. */
export const RETOLD: readonly [HuntFault, ...HuntFault[]] = [
  retold('batch-reversed', (elements) => elements.toReversed()),
  retold('batch-duplicated', (elements) => [...elements, ...elements]),
  retold('batch-contradicted', (elements) => [...elements, ...elements.slice(0, 3).map(({ key }) => ({ key, status: 400, body: { code: 'NO' } }))]),
  retold('batch-omitted', (elements) => elements.filter((_, i) => i % 2 === 0)),
  retold('batch-empty', () => []),
  retold('batch-foreign', (elements) => [
    ...elements.map((each) => ({ ...each, key: `other-${each.key}` })),
    { key: 'hunt-999', status: 200, body: {} },
  ]),
  retold('batch-shifted-bodies', (elements) => elements.map((each, i) => ({ ...each, body: [elements[(i + 1) % elements.length]?.body] }))),
  retold('batch-no-statuses', (elements) => elements.map(({ key, body }) => ({ key, body }))),
  retold('batch-odd-statuses', (elements) => elements.map((each) => ({ ...each, status: '200' }))),
  retold('batch-nulls', (elements) => elements.map(() => null)),
  retold('batch-object', (elements) => Object.fromEntries(elements.map((each) => [each.key, each]))),
  retold('batch-prototype', (elements) => [
    { key: '__proto__', status: 200, body: {} },
    { key: 'constructor', status: 400, body: {} },
    ...elements.slice(1),
  ]),
]

/** Faults after which one more try succeeds: what a drain must live through without a person. */
export const PASSING: readonly [HuntFault, ...HuntFault[]] = [
  requestLost,
  answerLost,
  html,
  htmlAfterEffect,
  status(408),
  status(409, { 'retry-after': '1' }),
  status(425),
  status(429, { 'retry-after': '1' }),
  status(500),
  status(502),
  status(503, { 'retry-after': '1' }),
  statusAfterEffect(500),
  statusAfterEffect(503),
  hang(1_500, false),
  hang(1_500, true),
  late(400),
]
