import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compactVerify, importJWK } from 'jose'
import { expect, test } from 'vitest'
import type { Target } from '../../src/cli/target.ts'
import { consoleApi } from '../../src/pages/host/console-api.ts'
import { createSeries } from '../../src/pages/host/series.ts'
import { createWatched } from '../../src/pages/host/watched.ts'
import { readSigningKey } from '../../supabase/functions/_shared/signing-key.ts'
import { createKillVersion } from '../../supabase/functions/_shared/kill-version.ts'
import { createMaestroFlag } from '../../supabase/functions/maestro-flag/handler.ts'
import { NO_KEYS } from '../../supabase/functions/maestro-flag/kill-keys.ts'
import type { KillKeys } from '../../supabase/functions/maestro-flag/kill-keys.ts'
import { loadKillKeys } from '../../supabase/local/kill-keys.ts'
import { fileStack } from './support/file-stack.ts'

const at = fileStack()
const FLAG = '/functions/v1/maestro-flag'
const flip = (body: unknown) => at.stack.call('PUT', FLAG, { body, token: at.stack.adminToken })

const saidBy = async (document: unknown, key: string) => {
  const verified = await compactVerify(String(document), await importJWK({ kty: 'OKP', crv: 'Ed25519', x: key }, 'EdDSA')).catch(() => null)
  return verified && JSON.parse(new TextDecoder().decode(verified.payload))
}

/** A function whose server holds only what a hosted one would. */
const hosted = async (keys: Partial<KillKeys>) => {
  const handler = createMaestroFlag({
    sql: at.stack.sql,
    adminToken: 'operator',
    killVersion: createKillVersion(at.stack.sql),
    killKeys: { ...NO_KEYS, ...keys },
    log: () => undefined,
  })
  return async (body: unknown, method = 'PUT') => {
    const init = method === 'GET' ? {} : { body: JSON.stringify(body), headers: { authorization: 'Bearer operator' } }
    const answer = await handler.fetch(new Request('http://localhost/maestro-flag', { method, ...init }))
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
}

test('what goes out is signed: a stop by the stop key, leave to run by the resume key, each with what the JSON says (REQ B-6)', async () => {
  const { pinned } = await loadKillKeys(at.stack.dataDir)
  const fresh = (await at.stack.call('GET', FLAG)).body
  expect(await saidBy(fresh['document'], pinned.resume)).toMatchObject({ version: 1, action: 'run' })
  expect(await saidBy(fresh['document'], pinned.stop)).toBeNull()
  const killed = (await flip({ action: 'kill', reason: 'drill', incident: 'INC-1' })).body
  expect(await saidBy(killed['document'], pinned.stop)).toEqual({
    version: killed['version'],
    issued: killed['issued'],
    expires: killed['expires'],
    action: 'kill',
    reason: 'drill',
    incident: 'INC-1',
  })
  expect(await saidBy(killed['document'], pinned.resume)).toBeNull()
  expect(await saidBy(killed['resumed'], pinned.resume)).toMatchObject({ version: 1, action: 'run' })
  const resumed = (await flip({ action: 'run' })).body
  expect(await saidBy(resumed['document'], pinned.resume)).toMatchObject({ version: resumed['version'], action: 'run' })
  expect('resumed' in resumed).toBe(false)
})

test('a server without the resume key stops, and loosens nothing (REQ B-6)', async () => {
  await flip({ action: 'run' })
  const { stop, resumePublic } = await loadKillKeys(at.stack.dataDir)
  const put = await hosted({ stop, resumePublic })
  expect((await put({ action: 'readonly' })).body).toMatchObject({ action: 'readonly' })
  expect((await put({ action: 'kill' })).body).toMatchObject({ action: 'kill' })
  for (const looser of ['run', 'readonly', 'drain'])
    expect(await put({ action: looser }), looser).toMatchObject({ status: 403, body: { code: 'RESUME_NEEDED' } })
  expect(await put({ action: 'kill', scopes: [{ tenant: 'demo' }] })).toMatchObject({ status: 403 })
  expect((await put(null, 'GET')).body).toMatchObject({ action: 'kill' })
})

test('the operator’s own document resumes there; one of another key, an old one, an expired one and a bent one do not (REQ B-6, 2-22)', async () => {
  const { stop, resumePublic } = await loadKillKeys(at.stack.dataDir)
  const put = await hosted({ stop, resumePublic })
  const resume = await readSigningKey(await readFile(join(at.stack.dataDir, 'resume.key'), 'utf8'))
  const version = Number((await put({ action: 'kill' })).body['version']) + 5
  const day = 86_400_000
  const claims = { version, issued: new Date().toISOString(), expires: new Date(Date.now() + 30 * day).toISOString(), action: 'run' }
  const sign = (more: object = {}, typ = 'maestro-kill+jws', key = resume) => key.sign(typ, { ...claims, ...more })
  const good = await sign()
  const refused: readonly (readonly [string, string, number])[] = [
    ['of the stop key', stop === null ? '' : await sign({}, 'maestro-kill+jws', stop), 400],
    ['another kind of statement', await sign({}, 'maestro-device+jws'), 400],
    ['an old version', await sign({ version: 1 }), 409],
    ['expired', await sign({ expires: new Date(Date.now() - 1_000).toISOString() }), 400],
    ['an unknown claim', await sign({ everything: true }), 400],
    ['one character changed', `${good.slice(0, 80)}${good[80] === 'A' ? 'B' : 'A'}${good.slice(81)}`, 400],
    ['cut', good.slice(0, -1), 400],
  ]
  for (const [what, document, status] of refused) expect((await put({ document })).status, what).toBe(status)
  expect(await put({ document: good })).toMatchObject({ status: 200, body: { version, action: 'run', document: good } })
  expect(await put({ document: good })).toMatchObject({ status: 409, body: { code: 'VERSION_OLD' } })
})

test('a document for some stops nobody who knows no scopes, and is signed with whom it is for', async () => {
  await flip({ action: 'run' })
  const { pinned } = await loadKillKeys(at.stack.dataDir)
  const asked = { action: 'kill', scopes: [{ action: 'email.*', agent: '*' }], raise: 'RED' }
  const { body } = await flip(asked)
  expect(body).toMatchObject({ action: 'run', scopes: asked.scopes, raise: 'RED' })
  expect(await saidBy(body['document'], pinned.stop)).toMatchObject(asked)
  expect((await at.stack.call('GET', '/maestro-health')).body['status']).toBe('healthy')
  await flip({ action: 'run' })
})

test('a stop that no device would take is refused before it is published; the longest that one takes is taken (REQ B-6)', async () => {
  await flip({ action: 'run' })
  const scopes = (count: number) => Array.from({ length: count }, (_, i) => ({ tenant: `${i}`.padEnd(128, 't') }))
  const asked = (reason: number) => ({ action: 'kill', scopes: scopes(16), incident: 'i', reason: 'ü'.repeat(reason) })
  expect(await flip(asked(500))).toMatchObject({ status: 413, body: { code: 'DOCUMENT_TOO_LARGE' } })
  const taken = String((await flip(asked(200))).body['document']).length
  // Each ü is two bytes, and three bytes are four characters.
  const longest = 200 + Math.floor(((4_096 - taken) * 3) / 8)
  const said = await Promise.all([flip(asked(longest - 1)), flip(asked(longest + 2))])
  expect(said.map(({ status }) => status)).toEqual([200, 413])
  expect(String(said[0]?.body['document']).length).toBeGreaterThan(4_085)
  expect((await at.stack.call('GET', FLAG)).body['reason']).toBe('ü'.repeat(longest - 1))
  await flip({ action: 'run' })
})

test('asked to be only stricter, the server loosens nothing though it could; seen over another version, neither (REQ B-6)', async () => {
  await flip({ action: 'run' })
  const killed = Number((await flip({ action: 'kill', scopes: [{ tenant: 'demo' }], stricter: true })).body['version'])
  for (const looser of [{ action: 'kill', scopes: [{ tenant: 'other' }] }, { action: 'drain' }, { action: 'run' }])
    expect(await flip({ ...looser, stricter: true })).toMatchObject({
      status: 409,
      body: { code: 'NOT_STRICTER', in_force: { version: killed, terms: { action: 'kill', scopes: [{ tenant: 'demo' }] } } },
    })
  expect(await flip({ action: 'run', over: killed - 1 })).toMatchObject({
    status: 409,
    body: { code: 'VERSION_TAKEN', in_force: { version: killed } },
  })
  expect((await flip({ action: 'kill', stricter: true, over: 1 })).body).toMatchObject({ version: killed + 1, action: 'kill' })
  expect((await flip({ action: 'run', over: killed + 1 })).body).toMatchObject({ version: killed + 2, action: 'run' })
})

test('leave to run that meets a concurrent kill is refused, however they fall; the kill is always taken (REQ B-6)', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { version } = (await flip({ action: 'run' })).body
    const [run, killed] = await Promise.all([flip({ action: 'run', over: version, reason: 'loosens' }), flip({ action: 'kill' })])
    expect([killed.status, (await at.stack.call('GET', FLAG)).body['action']]).toEqual([200, 'kill'])
    expect([200, 409]).toContain(run.status)
    // An answer is about one's own document, whoever came after.
    if (run.status === 200) expect(run.body['reason']).toBe('loosens')
  }
  await flip({ action: 'run' })
})

test('the console’s stop is refused where it would loosen, and says so (REQ 2-25)', async () => {
  await flip({ action: 'run' })
  const fetchStack: typeof fetch = async (input, init) => (await at.stack.handle(new Request(input as string, init))) ?? new Response('')
  const io = { env: {}, cwd: '', out: () => undefined, err: () => undefined, fetch: fetchStack, now: Date.now }
  const watched = createWatched(io, { url: 'http://localhost', dataDir: at.stack.dataDir, key: async () => at.stack.adminToken } as Target, [])
  const answer = consoleApi({ watched, series: createSeries(), newest: () => watched.look() })
  const stop = async (action: string) => {
    const headers = { origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }
    const said = await answer(
      new Request('http://localhost/api/stop', { method: 'POST', headers, body: JSON.stringify({ action, reason: 'why', confirm: 'STOP' }) }),
    )
    return [said?.status, (await said?.json()) as object]
  }
  expect(await stop('kill')).toEqual([200, expect.objectContaining({ action: 'kill' })])
  expect(await stop('drain')).toEqual([409, expect.objectContaining({ code: 'NOT_STRICTER' })])
  expect((await at.stack.call('GET', FLAG)).body['action']).toBe('kill')
  expect(await stop('safe-worker')).toEqual([200, expect.objectContaining({ action: 'safe-worker' })])
  await flip({ action: 'run' })
})

/** Reads events until `count` documents came. */
const follow = async (count: number, during: () => Promise<unknown>) => {
  const abort = new AbortController()
  const answer = await at.stack.handle(new Request(`http://localhost${FLAG}/stream`, { signal: abort.signal }))
  if (answer?.body === null || answer === null) throw new Error('no stream')
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const seen: { version: number; action: string; at: number }[] = []
  let text = ''
  void during()
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (const [, data = ''] of text.matchAll(/^data: (.*)\n\n/gm)) {
      const { version, action } = JSON.parse(data) as { version: number; action: string }
      if (!seen.some((one) => one.version === version)) seen.push({ version, action, at: Date.now() })
    }
    if (seen.length >= count) break
  }
  abort.abort()
  return seen
}

test('the stream tells the document in force, and each new one within moments of its commit, whoever wrote it (REQ 0-2)', async () => {
  await flip({ action: 'run' })
  const seen = await follow(3, async () => {
    await flip({ action: 'kill' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    await at.stack.sql`select public.maestro_publish_kill('run', null, null)`
  })
  expect(seen.map(({ action }) => action)).toEqual(['run', 'kill', 'run'])
  const [killed] = await at.stack.sql<{ issued: Date }[]>`
    select issued from public.maestro_kill_documents where version = ${seen[1]?.version ?? 0}`
  expect((seen[1]?.at ?? Infinity) - (killed?.issued.getTime() ?? 0)).toBeLessThan(1_000)
})

test('many streams hear the same; each ends with its request, and all of them with the server', async () => {
  const { sql } = at.stack
  const handler = createMaestroFlag({ sql, adminToken: 'operator', killVersion: createKillVersion(sql), log: () => undefined })
  const aborts = Array.from({ length: 20 }, () => new AbortController())
  const answers = await Promise.all(aborts.map(({ signal }) => handler.fetch(new Request('http://localhost/maestro-flag/stream', { signal }))))
  const texts = answers.map(async ({ body }, i) => {
    let text = ''
    if (body === null) throw new Error('no stream')
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (i >= 10 || !text.includes('last of them')) continue
      aborts[i]?.abort()
      break
    }
    return text
  })
  await flip({ action: 'readonly', reason: 'one of them' })
  await flip({ action: 'readonly', reason: 'last of them' })
  await Promise.all(texts.slice(0, 10))
  await handler.close()
  for (const text of await Promise.all(texts)) expect(text).toContain('last of them')
  await flip({ action: 'run' })
})
