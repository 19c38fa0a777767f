import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ALERTS, readAlertRules } from '../../src/cli/alert-rules.ts'
import { judgeAlerts } from '../../src/cli/judge-alerts.ts'
import type { AlertSignals } from '../../src/cli/judge-alerts.ts'
import { OLD_NAMES } from '../../src/cli/old-names.ts'
import { PLAYBOOKS } from '../../src/cli/playbooks.ts'
import { prometheusRules } from '../../src/cli/prometheus-rules.ts'
import { runSteps } from '../../src/cli/run-playbook.ts'
import { readOrigins } from '../../supabase/functions/maestro-passkey/read-origins.ts'
import { cli } from '../support/cli.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ROOT = new URL('../../', import.meta.url)
const refused: typeof fetch = () =>
  Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }))
const answering =
  (body: string, init: ResponseInit = {}): typeof fetch =>
  async () =>
    new Response(body, init)
const maestro = (...argv: readonly string[]) => cli({ cwd: folder, fetch: refused })(...argv)
const doctor = async (env: Record<string, string>, ...argv: readonly string[]) => {
  const said = await cli({ cwd: folder, fetch: refused, env })('doctor', ...argv, '--json')
  return { exit: said.exit, verdicts: ((said.json['checks'] ?? []) as { verdict: string }[]).map(({ verdict }) => verdict) }
}

test('every command has help with an example, and help ends with 0', async () => {
  const groups = {
    alerts: ['check', 'rules'],
    kill: ['status', 'set', 'clear', 'drill'],
    audit: ['verify', 'tail', 'export'],
    receipts: ['list', 'show', 'stuck'],
  }
  const rollback = ['plan', 'verify', 'clear-client', 'drop-database', 'inert'].map((name) => ['rollback', name])
  const single = [['health'], ['doctor'], ['metrics'], ['db', 'status'], ['policy', 'replay'], ['guard', 'check'], ['runbook', 'show'], ['script']]
  for (const words of [...Object.entries(groups).flatMap(([group, names]) => names.map((name) => [group, name])), ...rollback, ...single]) {
    const said = await maestro(...words, '--help')
    expect([words, said.exit, said.err]).toEqual([words, 0, ''])
    expect(said.out).toContain('EXAMPLES')
    expect(said.out).toContain(`maestro ${words.join(' ')}`)
  }
  expect((await maestro('--version')).out).toBe('1.0.0\n')
})

test('what is not a command line ends with 2, says what there is, and does nothing', async () => {
  for (const argv of [
    [],
    ['kill'],
    ['nonsense'],
    ['kill', 'everything'],
    ['health', '--nonsense'],
    ['health', 'now'],
    ['health', '--url', 'ftp://x'],
    ['health', '--url', 'http://a:b@x'],
  ])
    expect([argv, (await maestro(...argv)).exit]).toEqual([argv, 2])
  expect((await maestro('kill', 'everything')).err).toContain('status, set, clear, renew, drill')
  expect((await maestro('__proto__')).exit).toBe(2)
})

test('pointed at nothing it is red, at something else it is a usage error, and each says so as JSON', async () => {
  const nothing = await maestro('health', '--json')
  expect([nothing.exit, nothing.json]).toEqual([1, { error: expect.objectContaining({ code: 'UNREACHABLE' }) }])
  const others: readonly (readonly [string, ResponseInit])[] = [
    ['<!doctype html>', {}],
    ['{"status":"healthy","maestro_enabled":true,"version":"1.0.0"}', {}],
    ['{"status":"healthy"', { headers: { 'x-maestro-kill-version': '1' } }],
    ['', { status: 404 }],
    ['', { status: 302, headers: { location: 'https://elsewhere.example' } }],
    ['[]', { headers: { 'x-maestro-kill-version': '1' } }],
  ]
  for (const [body, init] of others) {
    const said = await cli({ cwd: folder, fetch: answering(body, init) })('health', '--json')
    expect([body, said.exit, said.json]).toEqual([body, 2, { error: expect.objectContaining({ code: 'NOT_MAESTRO' }) }])
  }
})

test('health ends by what it says: 0 healthy, 3 disabled, 1 unhealthy', async () => {
  const ending = async (body: object, status = 200) =>
    (await cli({ fetch: answering(JSON.stringify(body), { status, headers: { 'x-maestro-kill-version': '1' } }) })('health')).exit
  expect(await ending({ status: 'healthy', maestro_enabled: true, version: '1.0.0' })).toBe(0)
  expect(await ending({ status: 'disabled', maestro_enabled: false })).toBe(3)
  expect(await ending({ status: 'unhealthy', maestro_enabled: true, version: '1.0.0' }, 503)).toBe(1)
})

test('REQ 0-21, 1-51, 2-25: doctor passes the flag only where it is exactly "true", and in staging only where it is not', async () => {
  for (const value of ['True', 'TRUE', '1', 'yes', ' true', 'true ', '', 'false'])
    expect([value, await doctor({ VITE_MAESTRO_ENABLED: value }, '--only', 'flag')]).toEqual([value, { exit: 1, verdicts: ['fail'] }])
  expect(await doctor({}, '--only', 'flag')).toEqual({ exit: 1, verdicts: ['fail'] })
  expect(await doctor({ VITE_MAESTRO_ENABLED: 'true' }, '--only', 'flag')).toEqual({ exit: 0, verdicts: ['pass'] })
  expect(await doctor({ VITE_MAESTRO_ENABLED: 'true' }, '--only', 'flag', '--stage', 'staging')).toEqual({ exit: 1, verdicts: ['fail'] })
  expect(await doctor({ VITE_MAESTRO_ENABLED: 'false' }, '--only', 'flag', '--stage', 'staging')).toEqual({ exit: 0, verdicts: ['pass'] })
})

test('REQ 0-22: doctor refuses a missing, local, private or plain http address, and takes a production one', async () => {
  const url = (text: string) => doctor({ VITE_SUPABASE_URL: text }, '--only', 'url')
  for (const text of [
    '',
    'x',
    'http://abc.supabase.co',
    'https://localhost:54321',
    'https://127.0.0.1',
    'https://[::1]',
    'https://192.168.1.2',
    'https://10.0.0.1',
    'https://my.local',
  ])
    expect([text, await url(text)]).toEqual([text, { exit: 1, verdicts: ['fail'] }])
  expect(await doctor({}, '--only', 'url')).toEqual({ exit: 1, verdicts: ['fail'] })
  expect(await url('https://abcdefgh.supabase.co')).toEqual({ exit: 0, verdicts: ['pass'] })
  const file = join(folder, '.env.production')
  await writeFile(file, 'VITE_SUPABASE_URL=https://abcdefgh.supabase.co\nVITE_MAESTRO_ENABLED=true\n')
  expect(await doctor({}, '--only', 'url,flag', '--build-env', file)).toEqual({ exit: 0, verdicts: ['pass', 'pass'] })
  expect((await doctor({}, '--only', 'url', '--build-env', join(folder, 'none'))).exit).toBe(2)
})

/** The smallest model: a version, an operator set, and a graph of one empty node and one output. */
const MODEL = new Uint8Array([0x08, 0x09, 0x42, 0x02, 0x10, 0x0d, 0x3a, 0x04, 0x0a, 0x00, 0x62, 0x00])

test('REQ 0-23: a model that is truncated, an HTML page, unpinned, changed or missing is found; none is needed while inference is off', async () => {
  const models = join(folder, 'models')
  await mkdir(models)
  const check = (env: Record<string, string> = {}) => doctor(env, '--only', 'models', '--models', models)
  const pin = (bytes: Uint8Array) =>
    writeFile(
      join(models, 'models.json'),
      JSON.stringify({ models: [{ file: 'm.onnx', sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }] }),
    )
  const [green, red] = [
    { exit: 0, verdicts: ['pass'] },
    { exit: 1, verdicts: ['fail'] },
  ]
  expect(await check()).toEqual(green)
  expect(await check({ VITE_MAESTRO_INFERENCE: 'true' })).toEqual(red)
  expect((await maestro('guard', 'check', models)).exit).toBe(7)
  await writeFile(join(models, 'm.onnx'), MODEL)
  expect(await check()).toEqual(red)
  await pin(MODEL)
  expect(await check({ VITE_MAESTRO_INFERENCE: 'true' })).toEqual(green)
  expect((await maestro('guard', 'check', models)).exit).toBe(0)
  for (const bytes of [MODEL.subarray(0, 9), new TextEncoder().encode('<!doctype html><title>x</title>'), MODEL.with(1, 8)]) {
    await writeFile(join(models, 'm.onnx'), bytes)
    expect([await check(), (await maestro('guard', 'check', models)).exit]).toEqual([red, 1])
  }
  for (let length = 0; length < MODEL.length; length += 1) {
    await writeFile(join(models, 'm.onnx'), MODEL.subarray(0, length))
    await pin(MODEL.subarray(0, length))
    expect([length, await check()]).toEqual([length, red])
  }
  await rm(join(models, 'm.onnx'))
  expect(await check()).toEqual(red)
})

test('policy replay says what a policy would have done with recorded calls, and refuses what is no policy or no record', async () => {
  const file = async (name: string, value: unknown) => {
    const path = join(folder, name)
    await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value))
    return path
  }
  const actions = await file('actions.json', { 'email.send': { name: 'email.send', does: 'send', roles: { to: 'target' } } })
  const receipt = { id: 'r1', action: 'email.send', agent: 'assistant', params: { to: 'x@example.com' }, at: 1_760_000_000_000, lane: 'GREEN' }
  const receipts = await file('receipts.jsonl', `${JSON.stringify(receipt)}\n${JSON.stringify({ ...receipt, id: 'r2', action: 'gone' })}\n`)
  const bad = await file('bad.json', { v: 99 })
  const cut = await file('cut.jsonl', JSON.stringify(receipt).slice(0, -9))
  const replay = (policy: string, calls: string) =>
    maestro('policy', 'replay', '--policy', policy, '--receipts', calls, '--actions', actions, '--json')
  expect((await replay(bad, receipts)).json).toMatchObject({ error: { code: expect.stringMatching(/^POLICY_/) } })
  expect((await replay(bad, receipts)).exit).toBe(2)
  expect((await replay(join(folder, 'none.json'), receipts)).exit).toBe(2)
  const policy = await file('policy.json', {
    v: 1,
    version: 1,
    rules: [{ id: 'no-mail', says: 'forbid', when: { action: ['email.send'] }, because: 'a drill' }],
  })
  expect((await replay(policy, cut)).exit).toBe(2)
  const said = await replay(policy, receipts)
  expect([said.exit, said.json]).toEqual([0, expect.objectContaining({ actions: 2, wouldBlock: 2, wouldRun: 0 })])
  expect((said.json['changes'] as { id: string; to: string }[]).find(({ id }) => id === 'r2')?.to).toBe('BLOCKED')
})

test('REQ 1-55: doctor says whether it is the network or the service', async () => {
  const verdicts = async (fetcher: typeof fetch) => {
    const said = await cli({ fetch: fetcher })('doctor', '--only', 'network,supabase', '--json')
    return (said.json['checks'] as { name: string; verdict: string }[]).map(({ name, verdict }) => `${name} ${verdict}`)
  }
  expect(await verdicts(refused)).toEqual(['network fail', 'supabase fail'])
  expect(await verdicts(answering('{"message":"paused"}', { status: 540 }))).toEqual(['network pass', 'supabase fail'])
  expect(await verdicts(answering('{"keys":[{"kty":"EC"}]}'))).toEqual(['network pass', 'supabase pass'])
})

const quiet: AlertSignals = {
  unhealthy: false,
  claims: { attempts: 0, failures: 0 },
  sync: { rate: null, devices: 0 },
  escalations: { count: 0 },
  stuck: { count: 0 },
}
const firing = async (signals: Partial<AlertSignals>) =>
  judgeAlerts((await readAlertRules()).rules, { ...quiet, ...signals })
    .filter(({ fires }) => fires)
    .map(({ id }) => id)

test('REQ 1-46: claim failures fire above 5 %, not at 5 %, and not below the smallest sample', async () => {
  expect(await firing({ claims: { attempts: 10_000, failures: 501 } })).toEqual(['receipt-claim-failures'])
  expect(await firing({ claims: { attempts: 10_000, failures: 500 } })).toEqual([])
  for (let attempts = 20; attempts < 5_000; attempts += 20) expect(await firing({ claims: { attempts, failures: attempts / 20 } })).toEqual([])
  expect(await firing({ claims: { attempts: 19, failures: 19 } })).toEqual([])
  expect(await firing({ claims: { attempts: 20, failures: 2 } })).toEqual(['receipt-claim-failures'])
})

test('REQ 1-47: the sync success rate fires below 95 %, not at 95 %, and not while nobody tried', async () => {
  expect(await firing({ sync: { rate: 0.9499, devices: 1 } })).toEqual(['sync-success-rate'])
  expect(await firing({ sync: { rate: 0.95, devices: 1 } })).toEqual([])
  expect(await firing({ sync: { rate: null, devices: 0 } })).toEqual([])
})

test('REQ 1-48: the eleventh escalation of an hour fires, the tenth does not', async () => {
  expect(await firing({ escalations: { count: 10 } })).toEqual([])
  expect(await firing({ escalations: { count: 11 } })).toEqual(['man-mode-escalations'])
})

test('a kill document fires in its last two days, not with two whole days left, and not where nothing is known', async () => {
  expect(await firing({ kill: { expires_s: 172_799 } })).toEqual(['run-expires'])
  expect(await firing({ kill: { expires_s: -1 } })).toEqual(['run-expires'])
  expect(await firing({ kill: { expires_s: 172_800 } })).toEqual([])
  expect(await firing({})).toEqual([])
})

test('REQ 2-26: the Prometheus file says what the one threshold file says, and every rule has a channel and a playbook', async () => {
  const rules = await readAlertRules()
  expect(await readFile(new URL('supabase/ops/prometheus-rules.yml', ROOT), 'utf8')).toBe(prometheusRules(rules))
  expect((await maestro('alerts', 'rules')).out).toBe(prometheusRules(rules))
  expect(prometheusRules(rules)).toContain('maestro_claim_failures / maestro_claim_attempts > 0.05 and maestro_claim_attempts >= 20')
  for (const { severity, runbook } of rules.rules) {
    expect(rules.routes[severity]).toMatch(/^#maestro-(critical|warnings|info)$/)
    expect(PLAYBOOKS.map(({ id }) => id)).toContain(runbook)
  }
  expect(ALERTS).toBe('supabase/ops/alerts.json')
})

test('REQ 2-25: the dashboard shows the six metrics and nothing that is not served', async () => {
  const served = await readFile(new URL('supabase/functions/maestro-health/prometheus-text.ts', ROOT), 'utf8')
  const { panels } = JSON.parse(await readFile(new URL('supabase/ops/grafana-dashboard.json', ROOT), 'utf8')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const names = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/maestro_\w+/g) ?? []))
  for (const name of names) expect(served).toContain(`'${name}'`)
  expect((await doctor({}, '--only', 'dashboards,thresholds')).verdicts).toEqual(['pass', 'pass'])
})

test('REQ 1-56: the operator’s guide is what the playbooks say', async () => {
  const out = join(folder, 'RUNBOOKS.md')
  expect((await maestro('runbook', 'write', '--out', out)).exit).toBe(0)
  expect(await readFile(new URL('.github/RUNBOOKS.md', ROOT), 'utf8')).toBe(await readFile(out, 'utf8'))
  expect((await maestro('runbook', 'list')).out.trim().split('\n')).toHaveLength(PLAYBOOKS.length)
  expect((await maestro('runbook', 'show', 'none')).exit).toBe(2)
})

test('a playbook’s command about one tenant is run with the tenant given, and without the flag where none is', async () => {
  const line = { say: 'x', run: 'maestro audit tail --tenant TENANT --last 20', exits: [0] }
  const ran: string[] = []
  const execute = async (words: readonly string[]) => (ran.push(words.join(' ')), 0)
  await runSteps([line], execute, 'acme')
  await runSteps([line], execute)
  expect(ran).toEqual(['audit tail --tenant acme --last 20', 'audit tail --last 20'])
  const lines = PLAYBOOKS.flatMap(({ check, act, verify, undo }) => [...check, ...act, ...verify, ...undo])
    .flatMap((step) => ('run' in step ? step.run : []))
    .concat(Object.values(OLD_NAMES).flatMap((one) => ('use' in one ? one.use : [])))
    .filter((one) => one.startsWith('maestro audit'))
  expect(lines.length).toBeGreaterThan(3)
  for (const one of lines) expect(one).toContain('--tenant TENANT')
})

test('the button that takes unsent work along is called what the documents call it', async () => {
  const label = 'Take unsent work with you'
  expect(await readFile(new URL('src/panel/travel-acts.ts', ROOT), 'utf8')).toContain(`button('${label}'`)
  for (const name of ['README.md', '.github/RUNBOOKS.md']) {
    const text = await readFile(new URL(name, ROOT), 'utf8')
    expect(text).toContain(label)
    expect(text).not.toMatch(/_Export_|press Export/)
  }
  expect((await maestro('rollback', 'plan')).out).toContain(label)
})

test('what is deployed is named whole: every function, every secret, and no secret in an argument', async () => {
  const readme = await readFile(new URL('README.md', ROOT), 'utf8')
  const functions = (await readdir(new URL('supabase/functions/', ROOT))).filter((name) => name.startsWith('maestro-')).toSorted()
  expect(functions).toContain('maestro-passkey')
  for (const text of [readme, JSON.stringify(OLD_NAMES['deploy-staging.sh'])])
    expect((/functions deploy ([\w -]+)/.exec(text)?.[1] ?? '').trim().split(' ').toSorted()).toEqual(functions)
  const read = (await Promise.all(functions.map((name) => readFile(new URL(`supabase/functions/${name}/index.ts`, ROOT), 'utf8')))).join('\n')
  const shared = await readFile(new URL('supabase/functions/_shared/deno.ts', ROOT), 'utf8')
  const names = new Set(Array.from((read + shared).matchAll(/env\('(\w+)'\)/g), ([, name]) => name ?? ''))
  for (const name of names) if (!['MAESTRO_DEV', 'MAESTRO_VERSION'].includes(name)) expect(readme).toContain(`${name}=`)
  expect(readme).not.toMatch(/secrets set [A-Z]|authorization: Bearer/i)
})

test('the published package holds every folder that the command line reads', async () => {
  const { files } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as { files: string[] }
  const sources = (await readdir(new URL('src/cli/', ROOT), { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(sources.map((name) => readFile(new URL(`src/cli/${name}`, ROOT), 'utf8')))
  const folders = texts.flatMap((text) => Array.from(text.matchAll(/'supabase(?:\/|', ')(\w+)/g), ([, name]) => `supabase/${name}`))
  expect(new Set(folders)).toEqual(new Set(['supabase/migrations', 'supabase/ops']))
  expect(files).toEqual(expect.arrayContaining([...new Set(folders)]))
})

test.each([
  ['https://app.example', ['https://app.example']],
  [' https://app.example, https://www.app.example:8443,', ['https://app.example', 'https://www.app.example:8443']],
  ['http://localhost:5173', ['http://localhost:5173']],
])('passkeys may be made on the origins of %s', (text, origins) => {
  expect(readOrigins(text)).toEqual(origins)
})

test.each([undefined, '', ' , ', 'app.example', 'https://app.example/', 'https://app.example/login', 'https://App.example', 'null', '*'])(
  'the passkey function does not start with MAESTRO_ORIGINS %s',
  (text) => {
    expect(() => readOrigins(text)).toThrow('MAESTRO_ORIGINS')
  },
)

test('REQ 2-24: the incident template has the guide’s fields', async () => {
  const text = await readFile(new URL('supabase/ops/incident-template.md', ROOT), 'utf8')
  for (const field of [
    'Date',
    'Trigger',
    'Method',
    'Time to Recovery',
    'User Impact',
    'Root Cause',
    'Prevention',
    'DevOps',
    'Security',
    'Product',
    'On call',
  ])
    expect(text).toMatch(new RegExp(`^\\| ${field} +\\|`, 'm'))
})

test('every command name of the older runbooks has an equivalent, or says why there is none and ends with 7', async () => {
  const rows = JSON.parse(await readFile(new URL('test/requirements/commands.json', ROOT), 'utf8')) as { promise: string }[]
  const names = rows.map(({ promise }) => /[\w-]+\.sh/.exec(promise)?.[0] ?? promise)
  expect(Object.keys(OLD_NAMES).toSorted()).toEqual(names.toSorted())
  for (const [name, one] of Object.entries(OLD_NAMES)) expect([name, (await maestro('script', name)).exit]).toEqual([name, 'use' in one ? 0 : 7])
  for (const one of Object.values(OLD_NAMES)) {
    if (!('use' in one) || !one.use.startsWith('maestro ')) continue
    const words = one.use.split(' ').slice(1)
    const named = words.findIndex((word) => word.startsWith('-'))
    expect([one.use, (await maestro(...words.slice(0, named === -1 ? undefined : named), '--help')).exit]).toEqual([one.use, 0])
  }
})

test('REQ 2-1, 2-5: the plan names every method and phase with its check and its way back, and the page script is whole', async () => {
  const { json } = await maestro('rollback', 'plan', '--json')
  const steps = json['steps'] as { phase: string; within: string; verify: string; undo: string; command: string }[]
  expect(steps.map(({ within }) => within)).toEqual(['5 minutes', '5 minutes', '1 hour', '4 hours', '4 hours'])
  expect(steps.find(({ phase }) => phase === '1 deploy off')?.command).toContain('VITE_MAESTRO_ENABLED=false')
  for (const step of steps) expect([step.command, step.verify, step.undo].every((text) => text.length > 0)).toBe(true)
  const script = await maestro('rollback', 'clear-client')
  expect(script.out).toBe(await readFile(new URL('supabase/ops/clear-client-state.js', ROOT), 'utf8'))
})
