/** Reading in a page by the session that the worker owns: the kit that hands out the token, and the supabase-js client that uses it. */
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Maestro } from '../../src/client/api.ts'
import type { Answer } from '../../src/protocol/messages.ts'
import { createReader } from '../../src/reader/index.ts'
import { pageToken } from '../../sw/boot/supabase.ts'
import type { Runtime } from '../../sw/runtime/runtime.ts'
import { createWorld } from '../support/memory-ports.ts'
import { withServer } from '../support/memory-server.ts'
import { boot, signIn } from '../support/runtime-driver.ts'

const URL = 'http://project.test'
const far = setupServer()
/** Who asked, as the far end sees it: method, path, bearer. */
let seen: string[] = []
let runtime: Runtime

beforeAll(() => {
  // The client has a socket for live rows, which Node 20 has none for; nothing here opens one.
  vi.stubGlobal('WebSocket', class {})
  far.listen({ onUnhandledRequest: 'error' })
})
afterAll(() => {
  far.close()
  vi.unstubAllGlobals()
})
afterEach(() => far.resetHandlers())
beforeEach(async () => {
  seen = []
  far.use(
    http.all(`${URL}/*`, ({ request }) => {
      seen.push(`${request.method} ${request.url.slice(URL.length)} ${request.headers.get('authorization')}`)
      return HttpResponse.json([{ id: 1 }])
    }),
  )
  const world = createWorld()
  withServer(world)
  Object.assign(world.ports, { kits: [pageToken()] })
  runtime = boot(world, {})
  await runtime.prepare()
})

const maestro: Pick<Maestro, 'command'> = {
  command: async <T>(name: string, args: Record<string, unknown> = {}) =>
    (await runtime.kits[name]?.run(args, { gate: runtime.gate.view() })) as Answer<T>,
}
const reader = (of = maestro) => createReader(of, { url: URL, anonKey: 'public' })

test('what a page reads is read as whoever is signed in', async () => {
  await signIn(runtime, 'anna')
  expect((await reader().from('tasks').select('id')).data).toEqual([{ id: 1 }])
  expect((await reader().functions.invoke('report', { method: 'GET' })).error).toBeNull()
  await signIn(runtime, 'ben')
  await reader().from('tasks').select('id')
  expect(seen).toEqual([
    'GET /rest/v1/tasks?select=id Bearer a-anna',
    'GET /functions/v1/report Bearer a-anna',
    'GET /rest/v1/tasks?select=id Bearer a-ben',
  ])
})

test('while nobody is signed in, only the public key speaks', async () => {
  expect((await reader().from('tasks').select('id')).error).toBeNull()
  expect(seen).toEqual(['GET /rest/v1/tasks?select=id Bearer public'])
})

test('what would change something never leaves, and says that it is an action', async () => {
  await signIn(runtime, 'anna')
  const client = reader()
  for (const answer of [
    await client.from('tasks').insert({ id: 2 }),
    await client.from('tasks').update({ id: 2 }).eq('id', 1),
    await client.from('tasks').delete().eq('id', 1),
    await client.rpc('close_month'),
  ])
    expect(answer).toMatchObject({ status: 405, error: { code: 'READ_ONLY' } })
  expect((await client.functions.invoke('report')).error).toMatchObject({ context: { status: 405 } })
  expect((await client.storage.from('files').remove(['a'])).error).toMatchObject({ status: 405 })
  expect(seen).toEqual([])
})

test('where no token is to be had the read fails; it is not made as nobody', async () => {
  const refusing = {
    command: async () => ({ ok: false as const, error: { code: 'AUTH_FAILED' as const, retry: 'after-auth' as const, message: 'no token' } }),
  }
  expect(await reader(refusing).from('tasks').select('id')).toMatchObject({ status: 401, error: { code: 'AUTH_FAILED' } })
  expect(seen).toEqual([])
})

test('a worker that was built without the kit gives no token', async () => {
  const world = createWorld()
  withServer(world)
  const without = boot(world, {})
  expect(Object.keys(without.kits)).not.toContain('accessToken')
  expect(Object.keys(runtime.kits)).toContain('accessToken')
})
