import { expect, test } from 'vitest'
import { chain } from '../../src/audit/entry.ts'
import type { AuditEntry } from '../../src/audit/entry.ts'
import { asRole } from './support/as-role.ts'
import { deviceEntries } from './support/device-entries.ts'
import { fileStack } from './support/file-stack.ts'
import { aClaim, sync } from './support/sync.ts'

const at = fileStack()
const ANNA = { sub: 'principal-1', tenant: 'demo' }
const DENIED = { code: '42501' }

const tell = async (device: string, audit: readonly unknown[], token = at.token) => (await sync(at.stack, token, { device_id: device, audit })).audit
const stored = (device: string) =>
  at.stack.sql`select seq::int, at_ms::float8 as at, kind, receipt, digest, encode(hash, 'hex') as hash from public.maestro_device_audit
    where device_id = ${device} and principal_id = 'principal-1' order by seq`
const headOf = (entries: readonly AuditEntry[]) => ({ through: entries.at(-1)?.seq, hash: entries.at(-1)?.hash })

test('a chain is taken from its beginning and on from its head', async () => {
  const entries = deviceEntries(10)
  expect(await tell('whole', entries.slice(0, 4))).toEqual(headOf(entries.slice(0, 4)))
  expect(await tell('whole', entries.slice(4))).toEqual(headOf(entries))
  expect(Array.from(await stored('whole'))).toEqual(entries)
  expect(await tell('whole', [])).toEqual(headOf(entries))
})

test('what has been told before is skipped, alone and before something new', async () => {
  const entries = deviceEntries(8)
  await tell('repeat', entries.slice(0, 5))
  expect(await tell('repeat', entries.slice(0, 5))).toEqual(headOf(entries.slice(0, 5)))
  expect(await tell('repeat', entries.slice(2, 4))).toEqual(headOf(entries.slice(0, 5)))
  expect(await tell('repeat', entries.slice(3))).toEqual(headOf(entries))
  expect(await stored('repeat')).toHaveLength(8)
})

test('texts of every kind have the same hash on both sides', async () => {
  for (const [index, receipt] of ['a/b%', 'é 😀', 'quote " and \\ back', '', '\u2028\u00a0'].entries()) {
    const entries = deviceEntries(2, receipt)
    expect(await tell(`text-${index}`, entries)).toEqual(headOf(entries))
  }
})

test('a device that is seen for the first time may begin anywhere, and goes on from there only', async () => {
  const entries = deviceEntries(9)
  expect(await tell('anchor', entries.slice(4, 6))).toEqual(headOf(entries.slice(0, 6)))
  expect(await tell('anchor', entries.slice(5))).toEqual(headOf(entries))
  expect(await tell('anchor', entries.slice(0, 6))).toEqual({ ...headOf(entries), code: 'AUDIT_FORK' })
  expect((await stored('anchor')).map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9])
})

const entries = deviceEntries(6)
const copy = deviceEntries(6, 'another receipt')
const [third] = entries.slice(2, 3) as [AuditEntry]

test.each<[string, readonly AuditEntry[]]>([
  ['another past', copy.slice(0, 2)],
  ['another past that reaches further', copy],
  ['another next entry', [chain(copy[2] as AuditEntry, third)]],
  ['a gap', entries.slice(4)],
  ['a gap inside', [...entries.slice(3, 4), ...entries.slice(5)]],
  ['entries out of order', entries.slice(3).toReversed()],
  ['an entry twice', [...entries.slice(3, 4), ...entries.slice(3, 4)]],
  ['an entry that was edited', entries.slice(3).map((entry, index) => (index === 1 ? { ...entry, kind: 'forged' } : entry))],
  ['an entry with another time', entries.slice(3).map((entry, index) => (index === 0 ? { ...entry, at: entry.at + 1 } : entry))],
  ['a known entry with another hash', [{ ...third, hash: 'e'.repeat(64) }]],
])('%s is a fork: nothing is taken, and the device is told the head it had', async (name, given) => {
  await tell(name, entries.slice(0, 3))
  expect(await tell(name, given)).toEqual({ ...headOf(entries.slice(0, 3)), code: 'AUDIT_FORK' })
  expect(await stored(name)).toHaveLength(3)
  expect(await tell(name, entries.slice(3))).toEqual(headOf(entries))
})

test('a first entry that claims to be number one must begin at zeros', async () => {
  const forged = { ...(entries[0] as AuditEntry), hash: 'f'.repeat(64) }
  expect(await tell('forged', [forged])).toEqual({ through: 0, hash: '0'.repeat(64), code: 'AUDIT_FORK' })
  expect(await tell('forged', entries)).toEqual(headOf(entries))
})

test.each([
  ['no hash', { ...third, hash: undefined }],
  ['a number as text', { ...third, seq: '3' }],
  ['a broken time', { ...third, at: 1.5 }],
  ['a digest that is none', { ...third, digest: 'x' }],
  ['nothing', null],
])('an entry with %s is not taken, is no fork, and spoils no claim', async (name, wrong) => {
  const answer = await sync(at.stack, at.token, { device_id: name, audit: [...entries.slice(0, 2), wrong], claims: [aClaim(`beside ${name}`)] })
  expect(answer.audit).toEqual({ through: 0, hash: '0'.repeat(64), code: 'AUDIT_INVALID' })
  expect(answer.claims).toMatchObject([{ claimed: true }])
  expect(await stored(name)).toHaveLength(0)
})

test('a fork spoils no claim of its batch', async () => {
  await tell('fork and claim', entries.slice(0, 3))
  const answer = await sync(at.stack, at.token, { device_id: 'fork and claim', audit: copy, claims: [aClaim('forked')] })
  expect(answer.audit['code']).toBe('AUDIT_FORK')
  expect(answer.claims).toMatchObject([{ claimed: true }])
})

test('devices, principals and tenants have chains of their own, and read no other’s', async () => {
  const ben = await at.stack.token({ sub: 'principal-2' })
  const other = deviceEntries(3, 'ben')
  await tell('shared name', entries)
  expect(await tell('shared name', other, ben)).toEqual(headOf(other))
  expect(await tell('shared name', [])).toEqual(headOf(entries))
  for (const table of ['maestro_device_audit', 'maestro_device_heads']) {
    const seen = await asRole(
      at.stack.sql,
      'authenticated',
      { sub: 'principal-2', tenant: 'demo' },
      (tx) => tx`select distinct tenant_id, principal_id from public.${tx(table)}`,
    )
    expect(seen).toEqual([{ tenant_id: 'demo', principal_id: 'principal-2' }])
    expect(
      await asRole(at.stack.sql, 'authenticated', { sub: 'principal-1', tenant: 'far' }, (tx) => tx`select from public.${tx(table)}`),
    ).toHaveLength(0)
    await expect(asRole(at.stack.sql, 'anon', {}, (tx) => tx`select from public.${tx(table)}`)).rejects.toMatchObject(DENIED)
  }
})

test('REQ 2-9: device entries are append-only for every role and for the owner, and heads are written by the batch only', async () => {
  await tell('fixed', entries)
  for (const role of ['anon', 'authenticated', 'service_role'] as const) {
    for (const statement of [
      (tx: Tx) => tx`update public.maestro_device_audit set kind = 'x'`,
      (tx: Tx) => tx`delete from public.maestro_device_audit`,
      (tx: Tx) => tx`truncate public.maestro_device_audit`,
      (tx: Tx) => tx`insert into public.maestro_device_audit select * from public.maestro_device_audit limit 1`,
      (tx: Tx) => tx`update public.maestro_device_heads set seq = 0`,
      (tx: Tx) => tx`delete from public.maestro_device_heads`,
      (tx: Tx) => tx`select public.maestro_append_device_audit('demo', 'principal-1', 'fixed', '[]')`,
    ]) {
      await expect(asRole(at.stack.sql, role, ANNA, statement)).rejects.toMatchObject(DENIED)
    }
  }
  await expect(at.stack.sql`update public.maestro_device_audit set kind = 'x'`).rejects.toMatchObject(DENIED)
  await expect(at.stack.sql`delete from public.maestro_device_audit where false`).rejects.toMatchObject(DENIED)
})

type Tx = Parameters<Parameters<typeof asRole>[3]>[0]

test('of two batches that go on from the same head at once, one is taken and the copied device is found', async () => {
  for (let round = 0; round < 10; round += 1) {
    const device = `race-${round}`
    await tell(device, entries.slice(0, 2))
    const ours = entries.slice(2, 4)
    const theirs = ['x', 'y'].reduce<AuditEntry[]>(
      (made, receipt) => [...made, chain(made.at(-1) ?? (entries[1] as AuditEntry), { ...third, receipt })],
      [],
    )
    const answers = await Promise.all([tell(device, ours), tell(device, theirs)])
    expect(answers.filter(({ code }) => code === 'AUDIT_FORK')).toHaveLength(1)
    expect(new Set(answers.map(({ hash }) => hash)).size).toBe(1)
    expect(await stored(device)).toHaveLength(4)
  }
})
