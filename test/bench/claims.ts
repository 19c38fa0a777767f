import { createHash, randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import type { Caller } from '../../supabase/functions/_shared/caller.ts'
import { inRole } from '../../supabase/functions/_shared/in-role.ts'
import { settle } from '../../supabase/functions/maestro-sync/batch.ts'
import { claim, lookUp } from '../../supabase/functions/maestro-sync/ledger.ts'
import type { TestStack } from '../db/support/test-stack.ts'
import { openStack } from './bench-stack.ts'
import type { Figures, Measure } from './figures.ts'
import type { Growth } from './growth.ts'
import type { Setting } from './setting.ts'
import { percentile, ratio, rounded } from './stats.ts'

const SMALL = 1_000
const MILLION = 1_000_000
const BATCH = 500
const MOST_GROWTH = 1.5
const LEAST_RATE = 0.8

const CALLER: Caller = { tenant: 'demo', principal: 'principal-1', account: 'demo', user: 'demo' }
const DEVICE = 'device-1'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

type Item = {
  readonly idempotency_key: string
  readonly trace_id: string
  readonly action: string
  readonly params_digest: string
  readonly lane: 'GREEN'
}

const item = (): Item => {
  const key = randomUUID()
  return { idempotency_key: key, trace_id: randomUUID(), action: 'bench.enqueue', params_digest: digestOf(key), lane: 'GREEN' }
}

/** Ended receipts of the same person, as `seed-{n}`. Their audit entries are left out: a claim reads the chain's head only. */
const grow = async (sql: postgres.Sql, count: number): Promise<void> => {
  await sql`insert into public.maestro_execution_receipts
      (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, state, lease_until, completed_at)
    select ${CALLER.tenant}, ${CALLER.principal}, 'seed-' || n, gen_random_uuid()::text, 'bench.enqueue', encode(sha256(n::text::bytea), 'hex'), 'GREEN',
      ${DEVICE}, 'done', clock_timestamp(), clock_timestamp() from generate_series(1, ${count}) as n`
  await sql`vacuum analyze public.maestro_execution_receipts`
}

/** The raw side: a table of the same columns, checks and indexes, into which the caller's role may insert. */
const makeRaw = async (sql: postgres.Sql): Promise<void> => {
  await sql`create table public.bench_raw (like public.maestro_execution_receipts including all)`
  await sql`grant insert on table public.bench_raw to authenticated`
}

const rawOne = (sql: postgres.Sql): Promise<unknown> => {
  const { idempotency_key, trace_id, action, params_digest, lane } = item()
  return inRole(sql, { role: 'authenticated', caller: CALLER }, (tx) => [
    tx`insert into public.bench_raw (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, lease_until)
      values (${CALLER.tenant}, ${CALLER.principal}, ${idempotency_key}, ${trace_id}, ${action}, ${params_digest}, ${lane}, ${DEVICE},
        clock_timestamp() + interval '60 seconds')`,
  ])
}

const rawMany = (sql: postgres.Sql, items: readonly Item[]): Promise<unknown> =>
  inRole(sql, { role: 'authenticated', caller: CALLER }, (tx) => [
    tx`insert into public.bench_raw (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, lease_until)
      select ${CALLER.tenant}, ${CALLER.principal}, c.idempotency_key, c.trace_id, c.action, c.params_digest, c.lane, ${DEVICE}, clock_timestamp() + interval '60 seconds'
      from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb) as c(idempotency_key text, trace_id text, action text, params_digest text, lane text)`,
  ])

const claimOne = async (sql: postgres.Sql): Promise<void> => {
  const answer = await claim(sql, CALLER, { ...item(), tenant_id: CALLER.tenant, device_id: DEVICE })
  if (!('claimed' in answer) || !answer.claimed) throw new Error('a fresh key was not claimed')
}

const claimMany = async (sql: postgres.Sql): Promise<void> => {
  const { claims } = await settle(sql, CALLER, {
    tenant_id: CALLER.tenant,
    device_id: DEVICE,
    claims: Array.from({ length: BATCH }, item),
    completions: [],
    audit: [],
  })
  if (claims.length !== BATCH || !claims.every((answer) => answer !== undefined && 'claimed' in answer && answer.claimed === true))
    throw new Error('a fresh key was not claimed')
}

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** P6 on the server, and P7: claims as the function makes them, beside raw inserts in the same kind of transaction. */
export const measureClaims = async ({ plan, million, progress }: Setting): Promise<{ readonly growth: Growth; readonly P7: Measure }> => {
  const sizes = [SMALL, plan.growth.receipts, ...(million ? [MILLION] : [])]
  const stacks = new Map<number, TestStack>()
  try {
    for (const size of sizes) {
      progress(`P6, P7: a PostgreSQL with ${size} receipts`)
      const stack = await openStack()
      stacks.set(size, stack)
      await grow(stack.sql, size)
      await makeRaw(stack.sql)
    }
    return await compare(stacks, plan, progress)
  } finally {
    for (const stack of stacks.values()) await stack.remove()
  }
}

const compare = async (
  stacks: ReadonlyMap<number, TestStack>,
  plan: Setting['plan'],
  progress: Setting['progress'],
): Promise<{ readonly growth: Growth; readonly P7: Measure }> => {
  const { rounds, samplesPerRound, batches } = plan.claims
  const claims = new Map<number, number[]>([...stacks.keys()].map((size) => [size, []]))
  const lookups = new Map<number, number[]>([...stacks.keys()].map((size) => [size, []]))
  const raws: number[] = []
  const small = stacks.get(SMALL)
  if (!small) throw new Error('there is no stack')
  progress('P6, P7: single claims')
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < samplesPerRound; i++) {
      const raw = await took(() => rawOne(small.sql))
      if (round > 0) raws.push(raw)
      for (const [size, { sql }] of stacks) {
        const claimed = await took(() => claimOne(sql))
        const seen = await took(async () => {
          if ((await lookUp(sql, CALLER, `seed-${1 + ((round * samplesPerRound + i) % SMALL)}`)) === null) throw new Error('a seeded receipt is gone')
        })
        // The first round warms up.
        if (round === 0) continue
        claims.get(size)?.push(claimed)
        lookups.get(size)?.push(seen)
      }
    }
  }
  progress('P7: claims in batches')
  const many: number[] = []
  const manyRaw: number[] = []
  for (let i = 0; i <= batches; i++) {
    const raw = await took(() => rawMany(small.sql, Array.from({ length: BATCH }, item)))
    const ours = await took(() => claimMany(small.sql))
    if (i === 0) continue
    many.push(ours)
    manyRaw.push(raw)
  }

  const p50 = (samples: readonly number[] | undefined): number => percentile(samples ?? [], 0.5)
  const figures: Record<string, number> = {}
  let isFlat = true
  for (const size of stacks.keys()) {
    for (const [name, samples] of [
      ['server_claim', claims],
      ['server_lookup', lookups],
    ] as const) {
      figures[`${name}_at_${size}_p50_ms`] = rounded(p50(samples.get(size)))
      if (size === SMALL) continue
      const times = ratio(p50(samples.get(size)), p50(samples.get(SMALL)))
      figures[`${name}_at_${size}_times_${SMALL}`] = rounded(times)
      isFlat &&= times <= MOST_GROWTH
    }
  }
  // Rates: the raw side's time over ours.
  const single = ratio(p50(raws), p50(claims.get(SMALL)))
  const batch = ratio(p50(manyRaw), p50(many))
  const ours: Figures = {
    single_p50_ms: rounded(p50(claims.get(SMALL))),
    batch500_p50_ms: rounded(p50(many)),
    single_rate_of_raw: rounded(single),
    batch500_rate_of_raw: rounded(batch),
  }
  return {
    growth: { figures, met: isFlat },
    P7: {
      ours,
      peers: { raw_insert: { single_p50_ms: rounded(p50(raws)), batch500_p50_ms: rounded(p50(manyRaw)) } },
      must: 'single and in batches of 500: ≥ 0.80 of the rate of a raw insert',
      met: single >= LEAST_RATE && batch >= LEAST_RATE,
    },
  }
}
