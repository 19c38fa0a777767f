import { beforeAll, expect, test } from 'vitest'
import { bytesToBase64Url } from '../../src/base/bytes.ts'
import { envelopeEpoch, openEnvelope, sealEnvelope } from '../../src/base/envelope.ts'
import { isTrueTo, type AccountHandles, type Unlockers } from '../../src/protocol/account.ts'
import { cipherOf } from '../../src/memory/unlock/cipher.ts'
import { verifyEd25519 } from '../../src/memory/unlock/signer.ts'
import { makeRecoveryCode, readRecoveryCode, type Secret } from '../../src/memory/unlock/stretch.ts'
import { changeAccount, createAccount, unlockAccount } from '../../src/memory/unlock/unlockers.ts'
import { createDevice, createFakeServer } from '../support/memory-world.ts'

const PASSPHRASE: Secret = { kind: 'passphrase', text: 'seven quiet rivers bend' }
const code: Secret = { kind: 'recovery-code', text: makeRecoveryCode() }
let made: AccountHandles

beforeAll(async () => {
  made = await createAccount([PASSPHRASE, code])
})

const hex = async (key: unknown): Promise<string> =>
  Buffer.from(await crypto.subtle.sign('HMAC', key as CryptoKey, Buffer.from('probe'))).toString('hex')

test('every unlocker opens the same keys, typed as a person types them (REQ 0-9, B-10)', async () => {
  for (const secret of [PASSPHRASE, code, { ...code, text: ` ${code.text.toUpperCase().replaceAll(' ', ',  ')}\n` }]) {
    const opened = await unlockAccount(made.unlockers, secret)
    if (!opened.ok) throw new Error(opened.error)
    expect(await hex(opened.value.names)).toBe(await hex(made.names))
    expect(await hex(opened.value.roots[0]?.key)).toBe(await hex(made.roots[0]?.key))
  }
})

test.each<[string, Secret]>([
  ['another passphrase', { kind: 'passphrase', text: 'seven quiet rivers bent' }],
  ['no passphrase', { kind: 'passphrase', text: '' }],
  ['another code', { kind: 'recovery-code', text: makeRecoveryCode() }],
  ['the words of the code as a passphrase', { kind: 'passphrase', text: code.text }],
  ['the passphrase as a code', { kind: 'recovery-code', text: PASSPHRASE.text }],
])('%s opens nothing, and says so', async (_, secret) => {
  expect(await unlockAccount(made.unlockers, secret)).toEqual({ ok: false, error: 'WRONG_SECRET' })
})

test('the recovery code has 24 words of a checked list, and one wrong word is noticed', () => {
  expect(code.text.split(' ')).toHaveLength(24)
  expect(readRecoveryCode(code.text)).toHaveLength(32)
  const words = code.text.split(' ')
  expect(readRecoveryCode([...words.slice(0, 23), 'maestro'].join(' '))).toBeNull()
  expect(readRecoveryCode(words.slice(0, 23).join(' '))).toBeNull()
})

test('what leaves the ceremony cannot be exported by anybody', async () => {
  for (const key of [made.names, ...made.roots.map((root) => root.key)] as CryptoKey[]) {
    expect([key.extractable, key.usages]).toEqual([false, ['sign']])
    for (const format of ['raw', 'jwk'] as const) await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow()
  }
})

test('what the server keeps holds none of the secrets, and Argon2id at the floor or above', () => {
  // What it says, without the names of its fields: some of those are words of the code's list.
  const said: unknown[] = []
  JSON.stringify(made.unlockers, (_name, part: unknown) => {
    if (typeof part !== 'object') said.push(part)
    return part
  })
  const text = said.join('\n')
  expect(text).toContain('argon2id')
  for (const secret of [PASSPHRASE.text, ...code.text.split(' ').filter((word) => word.length > 5)]) expect(text).not.toContain(secret)
  expect(made.unlockers.unlockers[0]?.stretch).toMatchObject({ name: 'argon2id', memoryKiB: 19_456, passes: 2, lanes: 1 })
  const salts = made.unlockers.unlockers.map(({ stretch }) => stretch.salt)
  expect(new Set(salts).size).toBe(2)
})

test('a server that seals an account of its own to the unlockers is found out', async () => {
  const [door] = made.unlockers.unlockers
  const evil = await createAccount([{ kind: 'passphrase', text: 'the server knows this one' }])
  const [theirs] = evil.unlockers.unlockers
  if (!door || !theirs) throw new Error('no unlocker')
  // Its own keys and signer, under the private half that the person's passphrase opens.
  const forged: Unlockers = {
    ...evil.unlockers,
    unlockers: [{ ...theirs, id: door.id, stretch: door.stretch, private: door.private, public: door.public }],
  }
  const opened = await unlockAccount(forged, PASSPHRASE)
  expect(opened.ok).toBe(false)
  const mixed: Unlockers = { ...made.unlockers, signers: evil.unlockers.signers }
  expect(await unlockAccount(mixed, PASSPHRASE)).toEqual({ ok: false, error: 'FORGED' })
  const added: Unlockers = { ...made.unlockers, unlockers: [...made.unlockers.unlockers, theirs] }
  expect(await unlockAccount(added, PASSPHRASE)).toEqual({ ok: false, error: 'FORGED' })
})

test('a new passphrase takes the old one’s place under a new root, the code still opens, and nothing sealed before is lost', async () => {
  const next: Secret = { kind: 'passphrase', text: 'eleven loud mountains' }
  const changed = await changeAccount(made.unlockers, code, next)
  if (!changed.ok) throw new Error(changed.error)
  const { unlockers, roots, generation } = changed.value
  expect([generation, roots.length]).toEqual([2, 2])
  expect(await hex(roots[0]?.key)).toBe(await hex(made.roots[0]?.key))
  expect(await hex(roots[1]?.key)).not.toBe(await hex(made.roots[0]?.key))
  expect((await unlockAccount(unlockers, next)).ok).toBe(true)
  expect((await unlockAccount(unlockers, code)).ok).toBe(true)
  expect(await unlockAccount(unlockers, PASSPHRASE)).toEqual({ ok: false, error: 'WRONG_SECRET' })
  const pin = { generation: 1, public: made.unlockers.signers[0]?.public ?? '' }
  expect(await isTrueTo(pin, unlockers, verifyEd25519)).toBe(true)
  expect(await isTrueTo({ ...pin, public: unlockers.signers[1]?.public ?? '' }, unlockers, verifyEd25519)).toBe(false)
  expect(await isTrueTo({ generation: 2, public: unlockers.signers[1]?.public ?? '' }, made.unlockers, verifyEd25519)).toBe(false)
  expect(await changeAccount(made.unlockers, { ...next }, next)).toEqual({ ok: false, error: 'WRONG_SECRET' })
})

test('every single bit of a small envelope flipped: each is found', async () => {
  const cipher = await cipherOf(new Uint8Array(32).fill(7))
  const context = { store: 't1_core', record: 'r', tenant: 'demo' }
  const sealed = await sealEnvelope(cipher, 65_537, context, Buffer.from('small'))
  expect(envelopeEpoch(sealed)).toBe(65_537)
  expect(await openEnvelope(cipher, context, sealed)).toMatchObject({ ok: true })
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    if ((await openEnvelope(cipher, context, flipped)).ok) throw new Error(`bit ${bit} was not noticed`)
  }
  for (const other of [
    { ...context, record: 'other' },
    { ...context, tenant: 'other' },
    { ...context, store: 't2_working' },
  ])
    expect(await openEnvelope(cipher, other, sealed)).toEqual({ ok: false, error: 'KEY_MISMATCH' })
  expect(await openEnvelope(await cipherOf(new Uint8Array(32).fill(8)), context, sealed)).toEqual({ ok: false, error: 'KEY_MISMATCH' })
  expect(await openEnvelope(cipher, context, sealed.subarray(0, 60))).toEqual({ ok: false, error: 'UNREADABLE' })
})

test('a device takes over keys that lead on from the ones it has, and no others', async () => {
  const { account } = createDevice('a', createFakeServer())
  const adopt = (handles: AccountHandles) => account.adopt('owner', handles)
  expect(await account.load('owner')).toMatchObject({ ok: true, value: { generation: 0, was: 'FIRST_RUN', durable: true } })
  expect(await adopt({ ...made, names: 'no key' })).toEqual({ ok: false, error: 'INVALID' })
  const extractable = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])
  expect(await adopt({ ...made, names: extractable })).toEqual({ ok: false, error: 'INVALID' })
  expect(await adopt(made)).toMatchObject({ ok: true, value: { generation: 1, retiring: [expect.any(String)] } })
  expect(await adopt(await createAccount([PASSPHRASE]))).toEqual({ ok: false, error: 'OTHER_ACCOUNT' })
  const changed = await changeAccount(made.unlockers, PASSPHRASE, { kind: 'passphrase', text: 'eleven loud mountains' })
  if (!changed.ok) throw new Error(changed.error)
  const forged = { ...changed.value.unlockers, signature: bytesToBase64Url(new Uint8Array(64)) }
  expect(await adopt({ ...changed.value, unlockers: forged })).toEqual({ ok: false, error: 'FORGED' })
  expect(await adopt(changed.value)).toMatchObject({ ok: true, value: { generation: 2, epoch: 2 * 65_536 } })
  expect(await adopt(made)).toEqual({ ok: false, error: 'OLDER' })
})

test('keys that are damaged on disk are set aside, said to be, and work goes on under new ones (REQ 1-11)', async () => {
  const { disk, account } = createDevice('a', createFakeServer())
  await account.load('owner')
  const name = [...disk.secrets.keys()][0] ?? ''
  const kept = disk.secrets.get(name) as object
  for (const [damaged, was, place] of [
    [{ ...kept, names: null }, 'KEY_NULL', 'aside/1'],
    [{ ...kept, canary: '0'.repeat(64) }, 'KEY_MISMATCH', 'aside/2'],
    ['junk', 'KEY_NULL', 'aside/3'],
  ] as const) {
    disk.secrets.set(name, damaged)
    const later = createDevice('a', createFakeServer(), disk)
    expect(await later.account.load('owner')).toMatchObject({ ok: true, value: { was, generation: 0 } })
    expect(disk.secrets.get(`${name}/${place}`), 'in a place of its own').toBe(damaged)
    expect(later.lines).toContain('[MAESTRO] Memory key generated')
    expect(await createDevice('a', createFakeServer(), disk).account.load('owner')).toMatchObject({ value: { was: 'OK' } })
  }
})

test.each([
  ['QuotaExceededError', { ok: true, value: { durable: false } }],
  ['DataCloneError', { ok: false, error: 'CLONE_ERROR' }],
])('a key that cannot be kept (%s) is said with the promised words (REQ 1-12, 0-13)', async (name, answer) => {
  const device = createDevice('a', createFakeServer())
  device.disk.secrets.set = () => {
    throw new DOMException('no', name)
  }
  expect(await device.account.load('owner')).toMatchObject(answer)
  expect(device.lines).toContain(`Failed to save key: ${name}`)
})

test('keys that cannot be set aside are not replaced, and those of a later build stay as they are', async () => {
  const { disk, account } = createDevice('a', createFakeServer())
  await account.load('owner')
  const [name = ''] = disk.secrets.keys()
  disk.secrets.set(name, 'damaged')
  const full = createDevice('a', createFakeServer(), disk)
  const set = disk.secrets.set.bind(disk.secrets)
  disk.secrets.set = (at, what) => {
    if (at.includes('/aside')) throw new DOMException('no', 'QuotaExceededError')
    return set(at, what)
  }
  expect(await full.account.load('owner')).toEqual({ ok: false, error: 'DB_UNOPENABLE' })
  expect(disk.secrets.get(name)).toBe('damaged')
  disk.secrets.set = set
  expect(await full.account.load('owner')).toMatchObject({ ok: true, value: { was: 'KEY_NULL' } })
  const newer = { v: 2, what: 'only a later build knows' }
  disk.secrets.set(name, newer)
  expect(await createDevice('a', createFakeServer(), disk).account.load('owner')).toEqual({ ok: false, error: 'NEWER' })
  expect(disk.secrets.get(name)).toBe(newer)
})

test('two workers that make keys at once have the same ones', async () => {
  const { disk } = createDevice('a', createFakeServer())
  const [one, two] = await Promise.all([0, 1].map(() => createDevice('a', createFakeServer(), disk).account.load('owner')))
  if (!one?.ok || !two?.ok) throw new Error('no keys')
  expect(one.value.set).toBe(two.value.set)
})
