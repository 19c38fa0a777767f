import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chain, GENESIS, type AuditFact, type ChainHead } from '../../src/audit/entry.ts'
import { receiptOf, writeProof, type Proof } from '../../src/audit/proof.ts'
import type { IsByKey, ServerKey } from '../../src/audit/signed-head.ts'
import { verifyProof } from '../../src/audit/verify-proof.ts'
import { utf8ToBytes } from '../../src/base/bytes.ts'
import { cli } from '../support/cli.ts'
import { headDevice, keysOf, serverKey, witness, type HeadDevice } from '../support/signed-heads.ts'

const VECTOR = new URL('../vectors/proofs/', import.meta.url)
const bytes = new Uint8Array(readFileSync(new URL('v1.proof', VECTOR)))
const { keys } = JSON.parse(readFileSync(new URL('keys.json', VECTOR), 'utf8')) as { keys: ServerKey[] }

/** Tens of thousands of checks of the same three signatures: each is made once. */
const known = new Map<string, boolean>()
const isByKey: IsByKey = async (x, signed, signature) => {
  const name = `${x}.${Buffer.from(signed).toString('latin1')}.${Buffer.from(signature).toString('latin1')}`
  let said = known.get(name)
  if (said === undefined) {
    said = verify(null, signed, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
    known.set(name, said)
  }
  return said
}

const codeOf = async (proof: Proof | Uint8Array, by: readonly ServerKey[] = keys): Promise<string | null> => {
  const said = await verifyProof(proof instanceof Uint8Array ? proof : utf8ToBytes(writeProof(proof)), by, isByKey)
  return said.ok ? null : said.error.code
}

const read = (): Proof => JSON.parse(new TextDecoder().decode(bytes)) as Proof

test('REQ B-9: the proof of a released version is accepted, and says what happened to the action', async () => {
  const started = performance.now()
  const said = await verifyProof(bytes, keys, isByKey)
  process.stdout.write(`proof of ${bytes.length} bytes verified in ${(performance.now() - started).toFixed(1)} ms\n`)
  expect(said).toMatchObject({
    ok: true,
    value: { tenant: 'demo', principal: 'anna', key: 'invoice-7', head: { seq: 4 }, signer: keys[0]?.kid, seen: 1_800_000_001_250 },
  })
  expect(said.ok && said.value.facts.map(({ seq, kind }) => [seq, kind])).toEqual([
    [2, 'admitted'],
    [3, 'leased'],
    [4, 'done'],
  ])
})

test('REQ B-8: every single bit of a proof that is turned is found', async () => {
  const passed: number[] = []
  const codes = new Set<string>()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const turned = bytes.slice()
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const code = await codeOf(turned)
    if (code === null) passed.push(bit)
    else codes.add(code)
  }
  expect(passed).toEqual([])
  expect([...codes].toSorted().join(' ')).toBe(
    'ACTION_ABSENT CERTIFICATE_FORGED CHAIN_BROKEN COUNTERSIGNATURE_FORGED HEAD_FORGED HEAD_MALFORMED PROOF_MALFORMED SERVER_UNKNOWN',
  )
})

test('REQ B-8: every cut, swap, copy, move and insertion of entries is found', async () => {
  const proof = read()
  const { entries } = proof
  for (const i of entries.keys()) {
    expect(await codeOf({ ...proof, entries: entries.toSpliced(i, 1) })).toBe('CHAIN_BROKEN')
    expect(await codeOf({ ...proof, entries: entries.toSpliced(i, 0, entries[i] as AuditFact) })).toBe('CHAIN_BROKEN')
    for (let k = i + 1; k < entries.length; k++)
      expect(await codeOf({ ...proof, entries: entries.with(i, entries[k] as AuditFact).with(k, entries[i] as AuditFact) })).toBe('CHAIN_BROKEN')
  }
  expect(await codeOf({ ...proof, from: { ...proof.from, seq: 0 } })).toBe('CHAIN_BROKEN')
  expect(await codeOf({ ...proof, from: { ...proof.from, hash: 'f'.repeat(64) } })).toBe('CHAIN_BROKEN')
  expect(await codeOf({ ...proof, key: 'invoice-8' })).toBe('ACTION_ABSENT')
  for (let cut = 0; cut < bytes.length; cut += 97) expect(await codeOf(bytes.slice(0, cut))).toBe('PROOF_MALFORMED')
  expect(await codeOf(utf8ToBytes(`${new TextDecoder().decode(bytes)}\n`))).toBe('PROOF_MALFORMED')
  expect(await codeOf(utf8ToBytes(JSON.stringify(proof, null, 1)))).toBe('PROOF_MALFORMED')
})

const OF = { tenant: 'demo', principal: 'anna', device: 'device-1' }
const fact = (kind: string, key: string): AuditFact => ({ at: 1, digest: 'd'.repeat(64), kind, receipt: receiptOf('demo', 'anna', key) })

/** A proof in which every part can be another's. */
async function scene() {
  const key = await serverKey()
  const [device, other] = [headDevice(), headDevice()]
  const entries = [fact('admitted', 'k'), fact('admitted', 'x'), fact('done', 'k')]
  let end: ChainHead = GENESIS
  for (const one of entries) end = chain(end, one)
  const { seq, hash } = end
  const make = async (
    head: object = {},
    wrong: Parameters<typeof witness>[3] = {},
    signer: HeadDevice = device,
    by = key,
  ): Promise<string | null> => {
    const statement = signer.head({ ...OF, seq, hash, at: 5, ...head })
    const signed = await witness(by, statement, { ...OF, seq, hash, key: device.key }, wrong)
    return codeOf({ maestro_proof: 1, key: 'k', from: GENESIS, entries, ...signed }, keysOf(key))
  }
  return { key, device, other, make, hash }
}

test('a proof whose parts are all of one device, person and tenant is accepted, and every other mixture refused by name', async () => {
  const { key, device, other, make } = await scene()
  expect(await make()).toBe(null)
  expect(await make({}, {}, other)).toBe('HEAD_FORGED')
  expect(await make({}, {}, device, await serverKey())).toBe('SERVER_UNKNOWN')
  for (const head of [{ tenant: 'other' }, { principal: 'ben' }, { device: 'device-2' }]) expect(await make(head)).toBe('CERTIFICATE_OTHER')
  // The person's or the device's own certificate, and yet the counter-signature of another's head.
  const sameKeyElsewhere = { certificate: { tenant: 'other' } }
  expect(await make({ tenant: 'other' }, sameKeyElsewhere)).toBe('COUNTERSIGNATURE_OTHER')
  for (const seen of [{ principal: 'sub-ben' }, { device: 'device-2' }, { key: other.key }, { seq: 2 }, { hash: 'e'.repeat(64) }])
    expect(await make({}, { seen })).toBe('COUNTERSIGNATURE_OTHER')
  expect(await make({}, { certificate: { key: other.key } })).toBe('HEAD_FORGED')
  expect(await make({}, { certificate: { expires: 1 } })).toBe('CERTIFICATE_ENDED')
  expect(await make({}, { certificate: { issued: 1_900_000_000_000 } })).toBe('CERTIFICATE_ENDED')
  expect(key.kid).not.toBe('')
})

test('a head rolled back, or of another chain, is not the one that the entries lead to', async () => {
  const { make, hash } = await scene()
  const at = async (seq: number, of: string) => make({ seq, hash: of }, { seen: { seq, hash: of } })
  expect(await at(3, hash)).toBe(null)
  expect(await at(2, hash)).toBe('CHAIN_BROKEN')
  expect(await at(4, hash)).toBe('CHAIN_BROKEN')
  expect(await at(3, 'a'.repeat(64))).toBe('CHAIN_BROKEN')
})

test('a signature over one kind of statement does not pass for another', async () => {
  const proof = read()
  for (const swapped of [
    { ...proof, head: proof.seen },
    { ...proof, seen: proof.head },
    { ...proof, certificate: proof.seen },
    { ...proof, seen: proof.certificate },
  ])
    expect(await codeOf(swapped)).toBe('HEAD_MALFORMED')
  expect(await codeOf(proof)).toBe(null)
})

test('REQ B-9: "maestro audit verify" checks a proof by a file of keys, and asks no network', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-proof-'))
  const offline = cli({
    cwd: folder,
    fetch: async () => {
      throw new Error('the network was asked')
    },
  })
  const jwks = readFileSync(new URL('keys.json', VECTOR), 'utf8')
  await writeFile(join(folder, 'a.proof'), bytes)
  await writeFile(join(folder, 'bad.proof'), new TextDecoder().decode(bytes).replace('"kind":"done"', '"kind":"dead"'))
  await writeFile(join(folder, 'others.json'), JSON.stringify({ keys: (await serverKey()).jwks.keys }))
  expect(await offline('audit', 'verify', 'a.proof')).toMatchObject({ exit: 2, err: expect.stringContaining('--keys') })
  await writeFile(join(folder, 'maestro-keys.json'), jwks)
  const good = await offline('audit', 'verify', 'a.proof', '--json')
  expect(good).toMatchObject({ exit: 0, json: { intact: true, key: 'invoice-7', tenant: 'demo', bytes: bytes.length } })
  process.stdout.write(`"maestro audit verify" of a proof: ${String(good.json['ms'])} ms\n`)
  expect((await offline('audit', 'verify', 'a.proof')).out).toContain('intact: invoice-7 of anna in demo')
  expect(await offline('audit', 'verify', 'bad.proof', '--json')).toMatchObject({ exit: 1, json: { intact: false, code: 'CHAIN_BROKEN' } })
  expect(await offline('audit', 'verify', 'a.proof', '--keys', 'others.json', '--json')).toMatchObject({ exit: 1, json: { code: 'SERVER_UNKNOWN' } })
  expect(await offline('audit', 'verify', 'a.proof', '--tenant', 'other', '--json')).toMatchObject({ exit: 1, json: { code: 'PROOF_OTHER' } })
  expect(await offline('audit', 'verify', 'a.proof', '--signer', keys[0]?.kid ?? '')).toMatchObject({ exit: 0 })
  expect(await offline('audit', 'verify', 'a.proof', '--signer', 'another')).toMatchObject({ exit: 1 })
  expect(await offline('audit', 'verify', 'a.proof', '--keys', 'a.proof')).toMatchObject({ exit: 2 })
  await rm(folder, { recursive: true })
})
