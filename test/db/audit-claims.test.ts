import { expect, test } from 'vitest'
import { parseAuditFile, verifyAuditFile } from '../../src/cli/audit-file.ts'
import { verifyChain } from '../../supabase/functions/maestro-health/verify-chain.ts'
import { asRole } from './support/as-role.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const at = fileStack()
const MANY = 60
const keysOf = (prefix: string, count = MANY) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
const send = (body: Parameters<typeof sync>[2], token = at.token) => sync(at.stack, token, body)
const operator = (path: string) => at.stack.call('GET', `/functions/v1/maestro-health/ops${path}`, { token: at.stack.adminToken })
const whole = { after: 0, hash: null }
const tokenOf = (tenant: string) => at.stack.token({ tenant })
const claimMany = async (tenant: string, prefix: string, count = MANY) =>
  send({ tenant_id: tenant, claims: keysOf(prefix, count).map((key) => aClaim(key)) }, await tokenOf(tenant))

/** What `maestro audit export` writes. */
const exported = async (tenant: string): Promise<string> => {
  const { items, head } = (await operator(`/audit?tenant=${encodeURIComponent(tenant)}`)).body as { items: object[]; head: object }
  const header = { maestro_audit: 1, tenant, head, exported: '2026-01-01T00:00:00.000Z' }
  return [header, ...items].map((line) => JSON.stringify(line)).join('\n')
}

test('REQ 0-19: the many claims of one batch share a row, which each of their keys finds, also beside its receipt', async () => {
  const keys = [...keysOf('many'), 'many "quoted" \\ ünï']
  const { claims } = await send({ claims: keys.map((key) => aClaim(key)) })
  expect(claims.every(({ claimed, fence }) => claimed === true && fence === 1)).toBe(true)
  const rows = await at.stack.sql`select kind, keys from public.maestro_audit_logs where keys @> array['many-7']`
  expect(Array.from(rows)).toEqual([{ kind: 'receipt.claimed', keys }])
  await send({ completions: [aCompletion('many-7')] })
  const { items } = (await operator('/receipts/many-7')).body as { items: { audit: { seq: number; kind: string; trace_id: string }[] }[] }
  expect(items[0]?.audit.map(({ seq, kind }) => [seq, kind])).toEqual([
    [8, 'receipt.claimed'],
    [keys.length + 1, 'receipt.completed'],
  ])
})

test('a few claims have a row each', async () => {
  await claimMany('few', 'few', 25)
  expect(await at.stack.sql`select from public.maestro_audit_logs where tenant_id = 'few' and idempotency_key is not null`).toHaveLength(25)
})

test('a chain of rows and batches is one chain, told in parts and offline to the same verdict', async () => {
  await claimMany('mixed', 'a')
  await claimMany('mixed', 'b', 3)
  await claimMany('mixed', 'c', 500)
  await claimMany('mixed', 'a')
  const entries = MANY + 3 + 500 + MANY
  const verdict = { intact: true, entries, first_seq: 1, broken_at: null }
  expect((await at.stack.sql`select public.maestro_verify_audit('mixed') as verdict`)[0]?.['verdict']).toEqual(verdict)
  for (const partMax of [1, 2, 100, 5_000]) expect(await verifyChain(at.stack.sql, 'mixed', whole, { partMax })).toMatchObject(verdict)
  const page = (await operator('/audit?tenant=mixed')).body as { items: { seq: number }[]; head: { seq: number } }
  expect(page.head.seq).toBe(entries)
  const rest = (await operator(`/audit?tenant=mixed&after=${page.items.at(-1)?.seq}`)).body as typeof page
  const lines = [{ maestro_audit: 1, tenant: 'mixed', head: page.head, exported: '' }, ...page.items, ...rest.items]
  expect(await verifyAuditFile(parseAuditFile(lines.map((line) => JSON.stringify(line)).join('\n')))).toMatchObject(verdict)
})

test.each([
  ['a key', "keys = array_replace(keys, 'x-9', 'x-y')"],
  ['a trace', "traces[3] = 'forged'"],
  ['an action', "actions[60] = 'forged'"],
  ['a digest', 'digests[1] = null'],
  ['two that changed places', 'keys = keys[2:2] || keys[1:1] || keys[3:]'],
  ['one cut off', 'keys = keys[:59], traces = traces[:59], actions = actions[:59], digests = digests[:59]'],
  ['its time', "created_at = created_at - interval '1 microsecond'"],
  ['its person', "principal_id = 'somebody'"],
  ['its number', 'seq = seq + 1000'],
])('B-8: %s in a batch’s row, changed behind the trigger’s back, is found by the server and offline', async (what, change) => {
  const tenant = `tampered ${what}`
  await claimMany(tenant, 'w', 1)
  await claimMany(tenant, 'x')
  await claimMany(tenant, 'y', 1)
  expect(await verifyChain(at.stack.sql, tenant, whole)).toMatchObject({ intact: true, entries: MANY + 2 })
  const before = await exported(tenant)
  await at.stack.sql`alter table public.maestro_audit_logs disable trigger maestro_audit_logs_append_only`
  await at.stack.sql.unsafe(`update public.maestro_audit_logs set ${change} where tenant_id = '${tenant}' and keys is not null`)
  await at.stack.sql`alter table public.maestro_audit_logs enable trigger maestro_audit_logs_append_only`
  expect(await verifyChain(at.stack.sql, tenant, whole)).toMatchObject({ intact: false })
  const after = await exported(tenant)
  expect(after).not.toBe(before)
  const offline = async () => verifyAuditFile(parseAuditFile(after))
  expect(await offline().catch(() => ({ intact: false }))).toMatchObject({ intact: false })
})

test('a batch’s row is its person’s: another sees none of it', async () => {
  await claimMany('private', 'mine')
  const seen = (sub: string) =>
    asRole(at.stack.sql, 'authenticated', { sub, tenant: 'private' }, (tx) => tx`select keys from public.maestro_audit_logs`)
  expect(await seen('principal-1')).toHaveLength(1)
  expect(await seen('somebody-else')).toHaveLength(0)
})

test('the columns of a batch are of one length, and it is the caller’s own', async () => {
  const settle = (tenant: string, traces: string[]) =>
    asRole(
      at.stack.sql,
      'authenticated',
      { sub: 'anna', tenant: 'demo' },
      (tx) =>
        tx`select public.maestro_settle_batch(${tenant}, 'd', array['k1', 'k2'], ${traces}::text[], array['a', 'a'], array[null, null]::text[],
        array[null, null]::text[], '[]', '[]')`,
    )
  await expect(settle('demo', ['t'])).rejects.toMatchObject({ code: '23514' })
  await expect(settle('far', ['t', 't'])).rejects.toMatchObject({ code: '42501' })
  await expect(settle('demo', ['t', 't'])).resolves.toHaveLength(1)
})

test('what was deployed before calls maestro_sync_batch, to the same answers', async () => {
  const claims = JSON.stringify([...keysOf('old').map((key) => aClaim(key)), { idempotency_key: 'old-bare', trace_id: 't', action: 'a' }])
  const ask = () =>
    asRole(
      at.stack.sql,
      'authenticated',
      { sub: 'old', tenant: 'demo' },
      (tx) => tx`select public.maestro_sync_batch('demo', 'd', ${claims}::text::jsonb, '[]', '[]') -> 'claims' as claims`,
    )
  expect((await ask())[0]?.['claims']).toEqual(Array.from({ length: MANY + 1 }, () => ({ claimed: true, fence: 1 })))
  expect((await ask())[0]?.['claims']).toEqual(Array.from({ length: MANY + 1 }, () => ({ claimed: true, fence: 2 })))
})
