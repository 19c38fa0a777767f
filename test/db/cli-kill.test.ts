import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { signKillDocument } from '../../src/cli/kill-sign.ts'
import { cli } from '../support/cli.ts'
import { fileStack } from './support/file-stack.ts'

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

test('kill set takes a scope, a raised lane and a percentage, and refuses what is none', async () => {
  onTestFinished(run)
  expect((await maestro('kill', 'set', 'kill', '--tenant', 'acme', '--json')).json).toMatchObject({ scopes: [{ tenant: 'acme' }] })
  expect((await maestro('health')).exit).toBe(0)
  await run()
  expect((await maestro('kill', 'set', 'run', '--raise', 'RED', '--json')).json).toMatchObject({ raise: 'RED' })
  await run()
  const gradual = await maestro('kill', 'set', 'run', '--percent', '10', '--json')
  expect([gradual.exit, gradual.json['rollout']]).toEqual([0, { percent: 10, salt: 'rollout' }])
  expect((await maestro('doctor', '--only', 'rollout')).out).toContain('on for 10 %')
  for (const [argv, code] of [
    [['stop'], 'ACTION_UNKNOWN'],
    [['run'], 'USE_CLEAR'],
    [['run', '--percent', '101'], 'ARGUMENT_INVALID'],
    [['run', '--percent', '-1'], 'ARGUMENT_INVALID'],
    [['kill', '--reason='], 'ARGUMENT_EMPTY'],
    [[], 'ARGUMENT_MISSING'],
    [['kill', 'now'], 'ARGUMENT_EXTRA'],
    [['kill', '--rason', 'x'], 'FLAG_UNKNOWN'],
  ] as const) {
    const said = await maestro('kill', 'set', ...argv)
    expect([argv, said.exit, said.err]).toEqual([argv, 2, expect.stringContaining(`[${code}]`)])
  }
})

test('stopping asks for no word, and stopping less than before does', async () => {
  onTestFinished(run)
  const set = async (...argv: readonly string[]) => (await maestro('kill', 'set', ...argv)).exit
  expect([await set('readonly'), await set('kill')]).toEqual([0, 0])
  expect([await set('drain'), await set('kill', '--tenant', 'acme'), await set('run', '--percent', '10')]).toEqual([6, 6, 6])
  expect((await maestro('kill', 'status', '--json')).json['action']).toBe('kill')
  expect([await set('safe-worker'), await set('drain', '--confirm', 'run'), await set('readonly')]).toEqual([0, 0, 6])
})

test('a second stop for some asks for the word and names the first; --add keeps both', async () => {
  onTestFinished(run)
  const set = (...argv: readonly string[]) => maestro('kill', 'set', ...argv)
  expect((await set('kill', '--tenant', 'acme')).exit).toBe(0)
  const lifts = await set('kill', '--tenant', 'other')
  expect([lifts.exit, lifts.err]).toEqual([
    6,
    expect.stringMatching(/"kill" for tenant acme\. Only the newest document counts: "kill" for tenant other/),
  ])
  expect((await set('drain', '--tenant', 'acme')).exit).toBe(6)
  const both = await set('kill', '--tenant', 'other', '--add', '--json')
  expect([both.exit, both.json['terms']]).toEqual([0, { action: 'kill', scopes: [{ tenant: 'acme' }, { tenant: 'other' }] }])
  expect((await set('drain', '--tenant', 'third', '--add')).err).toContain('[NOTHING_TO_ADD_TO]')
  expect((await set('kill', '--tenant', 'other', '--confirm', 'run')).exit).toBe(0)
  expect((await set('kill')).exit).toBe(0)
})

test('what loosens never takes the place of a stop that came first, with the server’s key or one’s own; a stop still does', async () => {
  onTestFinished(run)
  const racing = (kill: string) => {
    let looked = false
    return cli({
      env: { MAESTRO_DATA: at.stack.dataDir },
      cwd: folder,
      fetch: async (input, init) => {
        const answer = await fetchStack(input, init)
        if (!looked) await at.stack.call('PUT', '/functions/v1/maestro-flag', { body: { action: kill, reason: 'meant' }, token: at.stack.adminToken })
        looked = true
        return answer
      },
    })
  }
  const inForce = async () => (await maestro('kill', 'status', '--json')).json['action']
  for (const key of [[], ['--resume-key', join(at.stack.dataDir, 'resume.key')]]) {
    await run()
    const late = await racing('kill')('kill', 'clear', '--confirm', 'run', ...key)
    expect([late.exit, late.err, await inForce()]).toEqual([6, expect.stringMatching(/\[VERSION_TAKEN\]|"kill" for everybody/), 'kill'])
    await run()
    expect([(await racing('kill')('kill', 'set', 'drain', ...key)).exit, await inForce()]).toEqual([6, 'kill'])
    await run()
    expect([(await racing('drain')('kill', 'set', 'kill', ...key)).exit, await inForce()]).toEqual([0, 'kill'])
  }
})

test('a document that no device would take is not signed', async () => {
  const scopes = Array.from({ length: 16 }, (_, i) => `${i}`.padEnd(128, 't'))
  const body = { action: 'kill', scopes: scopes.map((tenant) => ({ tenant })), reason: 'ü'.repeat(500) }
  const path = join(at.stack.dataDir, 'resume.key')
  await expect(signKillDocument(path, { version: 1, ...body }, Date.now())).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE' })
  expect((await signKillDocument(path, { version: 1, ...body, scopes: body.scopes.slice(0, 8) }, Date.now())).length).toBeLessThanOrEqual(4_096)
})

test('a resume key in a file signs what the server cannot, and another key is refused', async () => {
  onTestFinished(run)
  await maestro('kill', 'set', 'kill')
  const other = join(folder, 'other.key')
  await writeFile(
    other,
    JSON.stringify(createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' })),
  )
  const wrong = await maestro('kill', 'clear', '--confirm', 'run', '--resume-key', other)
  expect([wrong.exit, wrong.err]).toEqual([6, expect.stringContaining('[DOCUMENT_INVALID]')])
  expect((await maestro('kill', 'clear', '--confirm', 'run', '--resume-key', join(folder, 'none'))).exit).toBe(4)
  expect((await maestro('kill', 'status')).exit).toBe(3)
  const right = await maestro('kill', 'clear', '--confirm', 'run', '--resume-key', join(at.stack.dataDir, 'resume.key'), '--json')
  expect([right.exit, right.json['action'], typeof right.json['document']]).toEqual([0, 'run', 'string'])
})

test('REQ 1-51, 2-20, 2-25, 2-26: the drill stops and resumes, times both, and doctor finds it', async () => {
  expect((await maestro('doctor', '--only', 'drill')).exit).toBe(1)
  const drill = await maestro('kill', 'drill', '--confirm', 'drill', '--json')
  expect([drill.exit, Number(drill.json['disabled_after_ms']) < 300_000, Number(drill.json['healthy_after_ms']) < 300_000]).toEqual([0, true, true])
  expect((await maestro('health')).exit).toBe(0)
  expect((await maestro('doctor', '--only', 'drill')).exit).toBe(0)
})

test('a drill is refused while something is stopped, and changes nothing then', async () => {
  onTestFinished(run)
  await maestro('kill', 'set', 'drain')
  const said = await maestro('kill', 'drill', '--confirm', 'drill')
  expect([said.exit, said.err]).toEqual([6, expect.stringContaining('[ALREADY_STOPPED]')])
  expect((await maestro('kill', 'status', '--json')).json['action']).toBe('drain')
})

test('a drill is refused while some are stopped or lanes are raised, keeps a rollout, and leaves a stop that came meanwhile', async () => {
  onTestFinished(run)
  const drill = (by = maestro) => by('kill', 'drill', '--confirm', 'drill')
  for (const set of [
    ['kill', '--tenant', 'acme'],
    ['run', '--raise', 'RED'],
  ]) {
    await run()
    await maestro('kill', 'set', ...set)
    const before = (await maestro('kill', 'status', '--json')).json
    expect((await drill()).err).toContain('[ALREADY_STOPPED]')
    expect((await maestro('kill', 'status', '--json')).json['version']).toBe(before['version'])
  }
  await run()
  await maestro('kill', 'set', 'run', '--percent', '10')
  expect((await drill()).exit).toBe(0)
  expect((await maestro('kill', 'status', '--json')).json['rollout']).toEqual({ percent: 10, salt: 'rollout' })
  await run()
  const meant = cli({
    env: { MAESTRO_DATA: at.stack.dataDir },
    cwd: folder,
    fetch: async (input, init) => {
      if (String(input).endsWith('/maestro-health'))
        await at.stack.call('PUT', '/functions/v1/maestro-flag', { body: { action: 'kill', reason: 'meant' }, token: at.stack.adminToken })
      return fetchStack(input, init)
    },
  })
  expect((await drill(meant)).exit).toBe(6)
  expect((await maestro('kill', 'status', '--json')).json).toMatchObject({ action: 'kill', reason: 'meant' })
})

/** As the resume key would have signed it some days ago, where the server does not hold that key. */
const signedAgo = async (days: number, terms: object = { action: 'run' }) => {
  const version = Number((await maestro('kill', 'status', '--json')).json['version']) + 1
  const document = await signKillDocument(join(at.stack.dataDir, 'resume.key'), { version, action: 'run', ...terms }, Date.now() - days * 86_400_000)
  await at.stack
    .sql`select public.maestro_publish_kill_terms(${version}, 'run', 'why', null, 'resume', ${JSON.stringify(terms)}::text::jsonb, ${document})`
}

test('leave to run that runs out is warned of two days before, alerted, and renewed with the same terms', async () => {
  onTestFinished(run)
  const seen = async () => {
    const { firing } = (await maestro('alerts', 'check', '--json')).json
    return [(await maestro('doctor', '--only', 'kill-expiry', '--json')).json['checks'], firing]
  }
  const says = (verdict: string) => [expect.objectContaining({ verdict })]
  await signedAgo(4)
  expect(await seen()).toEqual([says('pass'), 0])
  await signedAgo(6)
  expect(await seen()).toEqual([says('warn'), 1])
  await signedAgo(8, { action: 'run', raise: 'RED' })
  expect([(await seen())[0], (await maestro('kill', 'status')).exit]).toEqual([says('fail'), 5])
  const renewed = await maestro('kill', 'renew', '--json')
  expect([renewed.exit, renewed.json]).toEqual([0, expect.objectContaining({ action: 'run', raise: 'RED' })])
  expect([(await seen())[0], (await maestro('kill', 'status')).exit]).toEqual([says('pass'), 3])
})
