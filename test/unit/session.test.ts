import { expect, test } from 'vitest'
import { err, ok } from '../../src/base/result.ts'
import type { AuthServer, Tokens } from '../../sw/ports/auth-server.ts'
import { createSession, type Session } from '../../sw/runtime/session.ts'
import { createWorld, type World } from '../support/memory-ports.ts'

const HOUR = 3_600_000
const DEMO = { tenant: 'demo', user: 'demo' }
const BEN = { tenant: 'demo', user: 'ben' }

const tokensFor = (world: World, user: string, version = 1): Tokens => ({
  access: `${user}-access-${version}`,
  refresh: `${user}-refresh-${version}`,
  expiresAt: world.now + HOUR,
  tenant: 'demo',
  user,
})

const serverFor = (world: World, overrides: Partial<AuthServer> = {}): AuthServer => ({
  password: async (email, password) => (email === `${password}@example.com` ? ok(tokensFor(world, password)) : err('refused')),
  refresh: async (token) => ok(tokensFor(world, token.split('-')[0] ?? '', 2)),
  ...overrides,
})

const open = (world: World, auth: AuthServer = serverFor(world)): Session => createSession({ ...world.ports, auth, onChange: () => undefined })

test('tokens lie sealed, survive a restart, and are gone after sign-out', async () => {
  const world = createWorld()
  expect(await open(world).signIn('demo@example.com', 'demo')).toBeNull()
  for (const bytes of world.disk.secrets.values()) expect(new TextDecoder().decode(bytes)).not.toContain('access')
  const reborn = open(world)
  await reborn.load()
  expect(await reborn.token(DEMO)).toEqual({ kind: 'token', token: 'demo-access-1' })
  await reborn.signOut()
  const later = open(world)
  await later.load()
  expect(later.principal()).toBeNull()
})

test('a failed sign-in has its reason and leaves whoever was there', async () => {
  const world = createWorld()
  const session = open(world)
  await session.signIn('demo@example.com', 'demo')
  expect(await session.signIn('ben@example.com', 'wrong')).toMatchObject({ code: 'AUTH_FAILED', retry: 'after-auth' })
  expect(session.principal()).toEqual(DEMO)
})

test('one person’s token never carries another person’s work (trap 10)', async () => {
  const world = createWorld()
  const session = open(world)
  await session.signIn('demo@example.com', 'demo')
  expect((await session.token(DEMO)).kind).toBe('token')
  await session.signIn('ben@example.com', 'ben')
  expect(await session.token(DEMO)).toEqual({ kind: 'sign-in' })
  expect(await session.token(BEN)).toEqual({ kind: 'token', token: 'ben-access-1' })
})

test('an expired token is renewed once for everybody who waits; no answer is not a sign-out', async () => {
  const world = createWorld()
  let renewals = 0
  let isDown = false
  const session = open(world, serverFor(world, { refresh: async () => (renewals++, isDown ? err('unreachable') : ok(tokensFor(world, 'demo', 2))) }))
  await session.signIn('demo@example.com', 'demo')
  world.now += HOUR
  expect(await Promise.all([session.token(DEMO), session.token(DEMO)])).toEqual(Array(2).fill({ kind: 'token', token: 'demo-access-2' }))
  expect(renewals).toBe(1)
  isDown = true
  world.now += HOUR
  expect(await session.token(DEMO)).toEqual({ kind: 'network' })
  expect(session.principal()).toEqual(DEMO)
})

test('who signs out while a renewal is under way stays signed out', async () => {
  const world = createWorld()
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => (resolve = settle))
  const session = open(world, serverFor(world, { refresh: () => promise.then(() => ok(tokensFor(world, 'demo', 2))) }))
  await session.signIn('demo@example.com', 'demo')
  const renewing = session.token(DEMO, true)
  await session.signOut()
  resolve()
  expect(await renewing).toEqual({ kind: 'sign-in' })
  expect(session.principal()).toBeNull()
  expect(world.disk.secrets.size).toBe(0)
})
