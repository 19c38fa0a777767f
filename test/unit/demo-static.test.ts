import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../../src/demo/host/listen.ts'
import type { Listening } from '../../src/demo/host/listen.ts'
import { listener } from '../../src/demo/host/node-adapter.ts'
import { staticSite } from '../../src/demo/host/static-site.ts'

type Answer = { readonly status: number; readonly type: string; readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }

let folder: string
let server: Listening

/** Sends the target as it stands: `fetch` would tidy `..` away before the server saw it. */
const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port: server.port, path, method, headers: { host: `localhost:${server.port}`, ...headers } },
      (incoming) => {
        let body = ''
        incoming.setEncoding('utf8')
        incoming.on('data', (chunk: string) => (body += chunk))
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, type: incoming.headers['content-type'] ?? '', headers: incoming.headers, body }),
        )
      },
    )
    outgoing.once('error', reject)
    outgoing.end()
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-static-'))
  await mkdir(join(folder, 'site/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'outside')
  await writeFile(join(folder, 'site/index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(folder, 'site/assets/a b.js'), 'inside')
  await symlink(join(folder, 'secret.txt'), join(folder, 'site/link.txt'))
  const files = await staticSite(join(folder, 'site'))
  const handler = async (incoming: Request) => {
    if (new URL(incoming.url).pathname === '/fault') throw new Error('a handler that fails')
    return files(incoming)
  }
  server = await listen(
    listener(handler, () => undefined),
    0,
  )
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

test('a file inside the site is served, also by an encoded name and through a path that stays inside', async () => {
  for (const path of ['/assets/a%20b.js', '/assets/../assets/a%20b.js', '/assets%2Fa%20b.js']) {
    expect(await ask(path), path).toMatchObject({ status: 200, body: 'inside', type: 'text/javascript; charset=utf-8' })
  }
})

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/..%5csecret.txt',
  '//../secret.txt',
  '/link.txt',
  '/%zz',
])('nothing outside the site can be named: %s', async (path) => {
  const answer = await ask(path)
  expect(answer.status).toBe(404)
  expect(answer.body).not.toContain('outside')
})

test.each(['localhost', 'localhost:9', '127.0.0.1:9', '[::1]:9', 'LOCALHOST:9'])('a request for this machine is answered: %s', async (host) => {
  expect((await ask('/', { host })).status).toBe(200)
})

test.each(['evil.example', 'localhost.evil.example', 'evil.example:5173', '127.0.0.1.nip.example', '0.0.0.0', 'localhost@evil.example'])(
  'a request for another host is refused: "%s"',
  async (host) => {
    const answer = await ask('/', { host })
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'HOST_REFUSED' })
  },
)

test('the page is served at / with its policy, and is never stored', async () => {
  const answer = await ask('/')
  expect(answer).toMatchObject({ status: 200, type: 'text/html; charset=utf-8', body: '<!doctype html><title>page</title>' })
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
  expect(answer.headers['referrer-policy']).toBe('no-referrer')
  expect(answer.headers['content-security-policy']).toContain("default-src 'self'; connect-src 'self'")
})

test('an unknown address is a coded 404, not the page', async () => {
  const answer = await ask('/some/view')
  expect(answer).toMatchObject({ status: 404, type: 'application/json' })
  expect(JSON.parse(answer.body)).toEqual({ code: 'NOT_FOUND', message: expect.any(String) })
})

test('a file is read only: HEAD has no body, POST is a coded 405', async () => {
  expect(await ask('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  const answer = await ask('/', {}, 'POST')
  expect(answer.status).toBe(405)
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'METHOD_REFUSED' })
})

test('a handler that throws becomes a coded 500 without its message', async () => {
  const answer = await ask('/fault')
  expect(answer).toMatchObject({ status: 500, type: 'application/json' })
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'HOST_FAULT' })
  expect(answer.body).not.toContain('a handler that fails')
})

test('a second server on the same port is refused with a sentence that names the port', async () => {
  await expect(listen(() => undefined, server.port)).rejects.toThrow(`port ${server.port} is in use`)
})
