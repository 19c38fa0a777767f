import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { PLAYBOOKS } from '../../src/cli/playbooks.ts'
import { runSteps } from '../../src/cli/run-playbook.ts'
import { migrate } from '../../supabase/local/migrate.ts'
import { cli } from '../support/cli.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, aCompletion, sync } from './support/sync.ts'

const at = fileStack()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The stack without a socket: what the command line would fetch is handed to it. */
const fetchStack: typeof fetch = async (input, init) => {
  const answer = await at.stack.handle(new Request(input as string, init))
  return answer ?? new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
}
const maestro = (...argv: readonly string[]) => cli({ fetch: fetchStack, env: { MAESTRO_DATA: at.stack.dataDir }, cwd: folder })(...argv)
const run = async () => {
  await maestro('kill', 'clear', '--confirm', 'run')
}

test('health, metrics and db status answer a person and a program, and end as the state is', async () => {
  const health = await maestro('health', '--json')
  expect([health.exit, health.json]).toEqual([0, { status: 'healthy', maestro_enabled: true, version: '1.0.0' }])
  expect((await maestro('health', '--verbose')).out).toContain('sync_success_rate: null')
  const metrics = await maestro('metrics', '--json')
  expect([metrics.exit, Object.keys(metrics.json['metrics'] as object)]).toEqual([
    0,
    ['maestro_enabled', 'crypto_initialized', 'receipt_claims_today', 'blocked_operations', 'man_mode_escalations', 'sync_success_rate'],
  ])
  const status = await maestro('db', 'status', '--json')
  expect([status.exit, status.json['missing'], status.json['unknown']]).toEqual([0, [], []])
})

test('kill: set stops, status shows it as degraded, clear asks for its word, and held work may go on', async () => {
  onTestFinished(run)
  const stopped = await maestro('kill', 'set', 'kill', '--reason', 'cli test', '--incident', 'INC-9', '--json')
  expect([stopped.exit, stopped.json['action'], stopped.json['reason'], stopped.json['incident']]).toEqual([0, 'kill', 'cli test', 'INC-9'])
  expect([(await maestro('kill', 'status')).exit, (await maestro('health')).exit]).toEqual([3, 3])
  const unconfirmed = await maestro('kill', 'clear')
  expect([unconfirmed.exit, unconfirmed.err]).toEqual([6, expect.stringContaining('[CONFIRMATION_NEEDED]')])
  const mistyped = await maestro('kill', 'clear', '--confirm', 'yes', '--json')
  expect([mistyped.exit, mistyped.json]).toEqual([6, { error: expect.objectContaining({ code: 'CONFIRMATION_WRONG' }) }])
  expect((await maestro('health')).exit).toBe(3)
  expect((await maestro('kill', 'clear', '--confirm', 'run')).exit).toBe(0)
  expect([(await maestro('kill', 'status')).exit, (await maestro('health')).exit]).toEqual([0, 0])
})

test('receipts: listed, shown, found stuck; a key that nobody claimed is red', async () => {
  await sync(at.stack, at.token, { claims: [aClaim('cli-1'), aClaim('cli-2')] })
  await sync(at.stack, at.token, { completions: [aCompletion('cli-1')] })
  const list = await maestro('receipts', 'list', '--status', 'done', '--limit', '1', '--json')
  expect((list.json['items'] as { idempotency_key: string }[]).map((one) => one.idempotency_key)).toEqual(['cli-1'])
  expect((await maestro('receipts', 'list', '--status', 'finished')).exit).toBe(2)
  expect((await maestro('receipts', 'show', 'cli-1')).out).toContain('receipt.completed')
  expect((await maestro('receipts', 'show', 'never')).exit).toBe(1)
  expect((await maestro('receipts', 'stuck')).exit).toBe(0)
  await at.stack.sql`update public.maestro_execution_receipts set lease_until = clock_timestamp() - interval '1 hour' where idempotency_key = 'cli-2'`
  const stuck = await maestro('receipts', 'stuck')
  expect([stuck.exit, stuck.out]).toEqual([3, expect.stringContaining('cli-2')])
  await sync(at.stack, at.token, { completions: [aCompletion('cli-2')] })
})

test('audit: the chain is verified there and here, exported whole, and verified without a network', async () => {
  const keys = ['quote"', 'back\\slash', 'ünïcödé 🔑', '<>&', ' ', 'a/b']
  await sync(at.stack, at.token, { claims: keys.map((key) => aClaim(key)), completions: [] })
  await sync(at.stack, at.token, { completions: [aCompletion('quote"')] })
  expect((await maestro('audit', 'verify')).exit).toBe(0)
  expect((await maestro('audit', 'tail', '--last', '2', '--json')).json['items']).toHaveLength(2)
  const file = join(folder, 'audit.jsonl')
  const exported = await maestro('audit', 'export', '--out', file, '--json')
  expect([exported.exit, Number(exported.json['entries']) > 6]).toEqual([0, true])
  const alone = cli({ cwd: folder, fetch: () => Promise.reject(new Error('no network')) })
  const offline = await alone('audit', 'verify', file, '--json')
  expect([offline.exit, offline.json['intact'], offline.json['entries']]).toEqual([0, true, exported.json['entries']])

  const kid = String(offline.json['signer'])
  expect([
    kid.length,
    (await alone('audit', 'verify', file, '--signer', kid)).exit,
    (await alone('audit', 'verify', file, '--signer', 'x'.repeat(43))).exit,
  ]).toEqual([43, 0, 1])

  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const header = JSON.parse(lines[0] ?? '') as { head: { seq: number }; statement: string }
  const statement = (change: (claims: Record<string, unknown>) => void) => {
    const [head = '', body = '', signature = ''] = header.statement.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    change(claims)
    return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
  }
  const rewritten = (other: object) => [JSON.stringify({ ...header, ...other }), ...lines.slice(1)]
  const broken: readonly (readonly [string, readonly string[]])[] = [
    ['an entry edited', lines.map((line, index) => (index === 3 ? line.replace('email.send', 'email.sent') : line))],
    ['an entry missing', lines.filter((_, index) => index !== 3)],
    ['two swapped', lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? '')],
    ['the end cut off', lines.slice(0, -1)],
    ['a line cut', [...lines.slice(0, -1), (lines.at(-1) ?? '').slice(0, -5)]],
    ['no header', lines.slice(1)],
    ['a head that was not signed', rewritten({ statement: statement((claims) => (claims['seq'] = 1)) })],
    ['a signature by a key that is not there', rewritten({ keys: { keys: [] } })],
    ['a signature cut', rewritten({ statement: header.statement.slice(0, -4) })],
  ]
  for (const [what, text] of broken) {
    await writeFile(file, `${text.join('\n')}\n`)
    expect([what, (await alone('audit', 'verify', file)).exit]).toEqual([what, 1])
  }
})

test('a history that was rewritten or rolled back since it was last verified from here is refused and named', async () => {
  expect((await maestro('audit', 'verify')).exit).toBe(0)
  const heads = join(at.stack.dataDir, 'audit-heads.json')
  const kept = await readFile(heads, 'utf8')
  const [name = '', head] = Object.entries(JSON.parse(kept) as Record<string, { seq: number; hash: string }>)[0] ?? []
  await writeFile(heads, JSON.stringify({ [name]: { seq: (head?.seq ?? 0) + 1, hash: head?.hash } }))
  const back = await maestro('audit', 'verify')
  expect([back.exit, back.out]).toEqual([1, expect.stringContaining('rolled back')])
  await writeFile(heads, JSON.stringify({ [name]: { seq: head?.seq, hash: 'f'.repeat(64) } }))
  const other = await maestro('audit', 'verify')
  expect([other.exit, other.out]).toEqual([1, expect.stringContaining('rewritten')])
  await writeFile(heads, kept)
  expect((await maestro('audit', 'verify')).exit).toBe(0)
})

test('a file that cannot be written and a full disk are coded failures, and nothing is left behind or replaced', async () => {
  const said = await maestro('audit', 'export', '--out', join(folder, 'none', 'audit.jsonl'))
  expect([said.exit, said.err]).toEqual([1, expect.stringContaining('[FILE_UNWRITABLE]')])
  const full = await maestro('audit', 'export', '--out', '/dev/full')
  expect([full.exit, full.err]).toEqual([1, expect.stringContaining('[DISK_FULL]')])
  expect((await stat('/dev/full')).isCharacterDevice()).toBe(true)
})

test('the wrong key, a missing key and a key over plain http end with 4; the key is never sent there', async () => {
  const seen: string[] = []
  const wary = cli({
    cwd: folder,
    env: {},
    fetch: async (input, init) => {
      seen.push(new Headers(init?.headers).get('authorization') ?? '')
      return fetchStack(input, init)
    },
  })
  const keyFile = join(folder, 'wrong.key')
  await writeFile(keyFile, 'x'.repeat(43))
  expect((await wary('metrics', '--key-file', keyFile)).exit).toBe(4)
  expect((await wary('metrics', '--key-file', join(folder, 'absent'))).exit).toBe(4)
  await writeFile(keyFile, '<html>')
  expect((await wary('metrics', '--key-file', keyFile)).exit).toBe(4)
  await writeFile(keyFile, at.stack.adminToken)
  seen.length = 0
  const plain = await wary('receipts', 'list', '--key-file', keyFile, '--url', 'http://maestro.example.com')
  expect([plain.exit, plain.err, seen]).toEqual([4, expect.stringContaining('[INSECURE_URL]'), []])
})

test('REQ 0-24: doctor finds a missing table, and migrations that were never recorded', async () => {
  const checked = await maestro('doctor', '--only', 'migrations,claims,health', '--json')
  expect([checked.exit, checked.json['ok']]).toEqual([0, true])
  await at.stack.sql`alter table public.maestro_sync_store rename to maestro_sync_store_away`
  const broken = await maestro('doctor', '--only', 'migrations,health')
  await at.stack.sql`alter table public.maestro_sync_store_away rename to maestro_sync_store`
  expect([broken.exit, broken.out]).toEqual([1, expect.stringContaining('maestro_sync_store')])
  await at.stack.sql`delete from supabase_migrations.schema_migrations where version = '20260120000300'`
  const unrecorded = await maestro('doctor', '--only', 'migrations')
  expect([unrecorded.exit, unrecorded.out, (await maestro('db', 'status')).exit]).toEqual([1, expect.stringContaining('20260120000300'), 1])
  expect(await migrate(at.stack.sql)).toEqual(['20260120000300_maestro_sync_store.sql'])
  expect((await maestro('db', 'status')).exit).toBe(0)
})

test('REQ 1-51: doctor asks a staging device to have sealed a record and asked a person, and believes its report', async () => {
  const before = await maestro('doctor', '--only', 'crypto,escalation', '--stage', 'staging', '--json')
  expect([before.exit, (before.json['checks'] as { verdict: string }[]).map(({ verdict }) => verdict)]).toEqual([1, ['fail', 'fail']])
  await sync(at.stack, at.token, { report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 1, sync_success_rate: 1 } })
  expect((await maestro('doctor', '--only', 'crypto,escalation', '--stage', 'staging')).exit).toBe(0)
})

test('REQ 1-46, 1-47, 1-48: alerts check fires on what the server counted, and routes by severity', async () => {
  expect((await maestro('alerts', 'check')).exit).toBe(0)
  await sync(at.stack, at.token, {
    device_id: 'device-9',
    report: { crypto_initialized: true, blocked_operations: 0, man_mode_escalations: 11, sync_success_rate: 0.5 },
  })
  const low = await maestro('alerts', 'check', '--json')
  const firing = (said: typeof low) =>
    (said.json['rules'] as { id: string; fires: boolean; channel: string }[])
      .filter(({ fires }) => fires)
      .map(({ id, channel }) => `${id} ${channel}`)
  expect([low.exit, firing(low)]).toEqual([3, ['sync-success-rate #maestro-warnings', 'man-mode-escalations #maestro-info']])
  await at.stack.sql`select public.maestro_note_claims(18, 2)`
  const high = await maestro('alerts', 'check', '--json')
  expect([high.exit, firing(high)[0]]).toEqual([1, 'receipt-claim-failures #maestro-critical'])
  await at.stack.sql`delete from public.maestro_claim_minutes`
  await at.stack.sql`delete from public.maestro_device_reports`
  await at.stack.sql`delete from public.maestro_escalations`
})

const FAULTS: Readonly<Record<string, { readonly inject: string; readonly heal: string; readonly seen: readonly [string, number] }>> = {
  'server-down': {
    inject: 'alter table public.maestro_sync_store rename to maestro_away',
    heal: 'alter table public.maestro_away rename to maestro_sync_store',
    seen: ['maestro doctor --only network,supabase,health', 1],
  },
  'receipt-conflict': {
    inject: 'select public.maestro_note_claims(10, 10)',
    heal: 'delete from public.maestro_claim_minutes',
    seen: ['maestro alerts check', 1],
  },
  'run-expired': {
    inject: `select public.maestro_publish_kill_terms(n.version, 'run', null, null, 'resume', '{"action":"run"}', 'e30.' || rtrim(translate(encode(convert_to(
      json_build_object('version', n.version, 'issued', '2026-01-01T00:00:00Z', 'expires', '2026-01-08T00:00:00Z', 'action', 'run')::text, 'utf8'),
      'base64'), E'+/\\n', '-_'), '=') || '.' || repeat('A', 86)) from (select max(version) + 1 as version from public.maestro_kill_documents) n`,
    heal: 'select 1',
    seen: ['maestro kill status', 5],
  },
  'stuck-operations': {
    inject:
      "update public.maestro_execution_receipts set state = 'claimed', completed_at = null, result = null, lease_until = clock_timestamp() - interval '1 day' where idempotency_key = 'cli-1'",
    heal: "update public.maestro_execution_receipts set state = 'done', completed_at = clock_timestamp() where idempotency_key = 'cli-1'",
    seen: ['maestro receipts stuck', 3],
  },
}

test.each(PLAYBOOKS.map(({ id }) => id))(
  'REQ 1-56: the playbook %s runs: its checks see the fault, its acts, verification and undo end as they say',
  async (id) => {
    onTestFinished(run)
    const playbook = PLAYBOOKS.find((one) => one.id === id)
    if (playbook === undefined) throw new Error('gone')
    const execute = async (words: readonly string[]) => (await maestro(...words)).exit
    const fault = FAULTS[id]
    if (fault !== undefined) await at.stack.sql.unsafe(fault.inject).simple()
    const checked = await runSteps(playbook.check, execute)
    if (fault !== undefined) {
      expect(checked).toContainEqual(expect.objectContaining({ run: expect.stringContaining(fault.seen[0]), exit: fault.seen[1] }))
      await at.stack.sql.unsafe(fault.heal).simple()
    }
    const rest = [
      ...(await runSteps(playbook.act, execute)),
      ...(await runSteps(playbook.verify, execute)),
      ...(await runSteps(playbook.undo, execute)),
    ]
    expect([...checked, ...rest].filter(({ ok }) => ok === false)).toEqual([])
  },
)
