import { expect, test } from 'vitest'
import { answerLost, hang, html, PASS, requestLost, status } from '../support/hunt-faults.ts'
import type { Canned, HuntFault } from '../support/hunt-faults.ts'
import { ask, compare, drained, intent } from '../support/hunt-intents.ts'
import { visitHunted } from '../support/hunt-visit.ts'

const LEDGER = '/functions/v1/maestro-sync'

const json = (body: unknown, code = 200): Canned => ({ status: code, type: 'application/json', body: JSON.stringify(body) })
const said = (name: string, body: unknown, code = 200): HuntFault => ({ name, reaches: false, answer: json(body, code) })
const settledElsewhere = { idempotency_key: 'hunt-999', claimed: false, idempotent: true, state: 'done', result: null }

type Said = { readonly claims: readonly Record<string, unknown>[]; readonly completions: readonly Record<string, unknown>[] } & Record<
  string,
  unknown
>

/** The ledger did as asked, and tells it otherwise. */
const told = (name: string, tell: (said: Said) => unknown): HuntFault => ({
  name,
  reaches: true,
  answer: (truth) => ({ ...truth, body: JSON.stringify(tell(JSON.parse(truth.body ?? '{}') as Said)) }),
})

/** What the shared ledger may answer instead of the truth. A claim that says `done` for another key must not settle this one. */
const SPOILT: readonly HuntFault[] = [
  requestLost,
  answerLost,
  html,
  hang(1_000, true),
  status(400),
  status(403),
  status(404),
  status(413),
  status(429, { 'retry-after': '1' }),
  status(500),
  status(503),
  said('empty', {}),
  said('list', []),
  said('half', '{"claims":['),
  said('another-key', { claims: [settledElsewhere], completions: [], audit: { through: 0, hash: '0'.repeat(64) }, retention_s: 1, server_time: 'x' }),
  said('absurd-fence', { claimed: true, fence: 'high' }),
  told('claims-reversed', (all) => ({ ...all, claims: all.claims.toReversed(), completions: all.completions.toReversed() })),
  told('claims-doubled', (all) => ({ ...all, claims: [...all.claims, ...all.claims], completions: [...all.completions, ...all.completions] })),
  told('claims-omitted', (all) => ({ ...all, claims: all.claims.slice(1), completions: all.completions.slice(1) })),
  told('claims-foreign', (all) => ({ ...all, claims: all.claims.map(() => settledElsewhere) })),
  told('claims-contradicted', (all) => ({
    ...all,
    claims: [...all.claims, ...all.claims.map((each) => ({ ...settledElsewhere, ...each, claimed: false }))],
  })),
  told('claims-null', (all) => ({ ...all, claims: [null], completions: [null] })),
  told('fence-below-nought', (all) => ({ ...all, claims: all.claims.map((each) => ({ ...each, fence: -1 })) })),
  told('audit-forked', (all) => ({ ...all, audit: { through: 7, hash: 'f'.repeat(64), code: 'AUDIT_FORK' } })),
  told('audit-ahead', (all) => ({ ...all, audit: { through: 1e15, hash: 'f'.repeat(64) } })),
  told('retention-nought', (all) => ({ ...all, retention_s: 0 })),
  told('retention-negative', (all) => ({ ...all, retention_s: -1 })),
  told('retention-endless', (all) => ({ ...all, retention_s: 1e300 })),
  told('time-of-nowhere', (all) => ({ ...all, server_time: 'now' })),
  told('time-of-1970', (all) => ({ ...all, server_time: '1970-01-01T00:00:00.000Z' })),
  told('time-of-2099', (all) => ({ ...all, server_time: '2099-12-31T23:59:59.000Z' })),
]

test('a shared ledger that is lost, slow, refusing, failing or answers something else loses and repeats nothing (law 5)', async () => {
  const { farEnd, page } = await visitHunted()
  const found: Record<string, unknown> = {}
  for (const [i, fault] of SPOILT.entries()) {
    let left = 3
    farEnd.spoil(({ path }) => (path.startsWith(LEDGER) && left-- > 0 ? fault : PASS))
    const intents = [1, 2, 3, 4].map((n) => intent(i * 10 + n, n % 2 === 0 ? 'hunt.series' : 'hunt.keyed', { series: 's' }))
    await ask(page, intents)
    const { lost, repeated } = compare(farEnd, intents, await drained(page, intents, 30_000))
    found[fault.name] = { lost, repeated, wasSpoilt: left < 3 }
  }
  expect(found).toEqual(Object.fromEntries(SPOILT.map(({ name }) => [name, { lost: [], repeated: [], wasSpoilt: true }])))
}, 180_000)
