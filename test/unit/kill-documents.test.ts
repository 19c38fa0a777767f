import { expect, test } from 'vitest'
import { covers as coversOnServer } from '../../supabase/functions/maestro-flag/covers.ts'
import type { KillClaims } from '../../src/protocol/kill-document.ts'
import { createRng } from '../../src/testing/rng.ts'
import type { Rng } from '../../src/testing/rng.ts'
import { createWebCryptoKillVerifier } from '../../sw/adapters/webcrypto-kill-verifier.ts'
import { covers } from '../../sw/runtime/killswitch-covers.ts'
import { judgeOffer } from '../../sw/runtime/killswitch-held.ts'
import { stateFor } from '../../sw/runtime/killswitch-judge.ts'
import { readKill } from '../../sw/runtime/killswitch-read.ts'
import { claimsOf, headerOf, kidOf, killDocument, newKillKey, signTexts } from '../support/kill-documents.ts'

const [stop, resume, stranger] = [newKillKey(), newKillKey(), newKillKey()]
const pinned = { stop: stop.publicKey, resume: resume.publicKey }
const verifier = createWebCryptoKillVerifier()

const readAll = async (texts: readonly unknown[]) => Promise.all(texts.map((text) => readKill(text, pinned, verifier)))
const accepted = async (texts: readonly unknown[]) => (await readAll(texts)).filter(({ ok }) => ok).length

const GOOD = killDocument(stop, 7, 'kill', { reason: 'drill' })
const CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= \n{}"é\u0000'

const bitFlips = (text: string): string[] =>
  [...text].flatMap((char, at) =>
    Array.from({ length: 8 }, (_, bit) => text.slice(0, at) + String.fromCodePoint((char.codePointAt(0) ?? 0) ^ (1 << bit)) + text.slice(at + 1)),
  )

const mutated = (rng: Rng, text: string): string => {
  const at = rng.int(text.length)
  const char = rng.pick([...CHARS])
  const kind = rng.int(4)
  if (kind === 0) return text.slice(0, at) + char + text.slice(at)
  if (kind === 1) return text.slice(0, at) + text.slice(at + 1 + rng.int(3))
  if (kind === 2) return text.slice(0, at) + char + text.slice(at + 1)
  const other = rng.int(text.length)
  return text.slice(0, Math.min(at, other)) + text.slice(Math.max(at, other)) + text.slice(Math.min(at, other), Math.max(at, other))
}

test('ten thousand generated bad documents are refused, and the good one between them is not (REQ B-6)', async () => {
  const rng = createRng('kill documents')
  const flips = bitFlips(GOOD)
  const cuts = Array.from({ length: GOOD.length }, (_, length) => GOOD.slice(0, length))
  const mutations = Array.from({ length: 6_000 }, () => mutated(rng, GOOD)).filter((text) => text !== GOOD)
  const [head = '', body = '', tail = ''] = GOOD.split('.')
  const others = Array.from({ length: 1_000 }, (_, i) => killDocument(i % 2 === 0 ? stop : resume, 8 + i, 'kill').split('.'))
  const grafted = others.flatMap(([h = '', b = '', t = '']) => [`${head}.${b}.${tail}`, `${h}.${body}.${t}`, `${head}.${body}.${t}`])
  const bad = [...flips, ...cuts, ...mutations, ...grafted].filter((text) => text !== GOOD)
  expect(bad.length).toBeGreaterThan(10_000)
  expect(await accepted(bad)).toBe(0)
  expect(await accepted([GOOD, ...others.map((parts) => parts.join('.'))])).toBe(1_001)
}, 60_000)

const header = (more: object, without: readonly string[] = []): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries({ ...(JSON.parse(headerOf(stop)) as object), ...more }).filter(([name]) => !without.includes(name))),
  )
const good = JSON.stringify(claimsOf(7, 'kill'))
const withClaims = (more: object): string => JSON.stringify({ ...claimsOf(7, 'kill'), ...more })

test.each([
  ['another key', killDocument(stranger, 7, 'kill')],
  ['another key under the pinned one’s name', signTexts(stranger, headerOf(stop), good)],
  ['no algorithm', signTexts(stop, header({ alg: 'none' }), good)],
  ['no signature', `${GOOD.split('.').slice(0, 2).join('.')}.`],
  ['a symmetric algorithm', signTexts(stop, header({ alg: 'HS256' }), good)],
  ['another kind of statement', signTexts(stop, header({ typ: 'maestro-device+jws' }), good)],
  ['no kind', signTexts(stop, header({}, ['typ']), good)],
  ['no key’s name', signTexts(stop, header({}, ['kid']), good)],
  [
    'its key in its own header',
    signTexts(stranger, JSON.stringify({ alg: 'EdDSA', kid: kidOf(stranger.publicKey), typ: 'maestro-kill+jws', jwk: {} }), good),
  ],
  ['a critical extension', signTexts(stop, header({ crit: ['b64'], b64: false }), good)],
  ['a name twice', signTexts(stop, headerOf(stop), good.replace('"action":"kill"', '"action":"run","action":"kill"'))],
  ['a name twice in its header', signTexts(stop, headerOf(stop).replace('"alg":"EdDSA"', '"alg":"none","alg":"EdDSA"'), good)],
  ['white space', signTexts(stop, headerOf(stop), good.replace(':', ': '))],
  ['a second spelling', signTexts(stop, headerOf(stop), good.replace('kill', '\\u006bill'))],
  ['a byte order mark', signTexts(stop, headerOf(stop), `\uFEFF${good}`)],
  ['an unknown claim', signTexts(stop, headerOf(stop), withClaims({ everything: true }))],
  ['an unknown action', signTexts(stop, headerOf(stop), withClaims({ action: 'pause' }))],
  ['version 0', signTexts(stop, headerOf(stop), withClaims({ version: 0 }))],
  ['half a version', signTexts(stop, headerOf(stop), withClaims({ version: 7.5 }))],
  ['a version as text', signTexts(stop, headerOf(stop), withClaims({ version: '7' }))],
  ['no time', signTexts(stop, headerOf(stop), withClaims({ expires: undefined }))],
  ['no such time', signTexts(stop, headerOf(stop), withClaims({ expires: '2099-99-99T00:00:00Z' }))],
  ['nobody it is for', signTexts(stop, headerOf(stop), withClaims({ scopes: [] }))],
  ['too many it is for', signTexts(stop, headerOf(stop), withClaims({ scopes: Array.from({ length: 17 }, () => ({ tenant: 't' })) }))],
  ['more than everybody', signTexts(stop, headerOf(stop), withClaims({ rollout: { percent: 101, salt: 's' } }))],
  ['a lane lowered', signTexts(stop, headerOf(stop), withClaims({ raise: 'GREEN' }))],
  [
    'more than 4 KB',
    signTexts(
      stop,
      headerOf(stop),
      withClaims({ scopes: Array.from({ length: 16 }, () => ({ tenant: 't'.repeat(128) })), reason: 'r'.repeat(500), incident: 'i'.repeat(128) }),
    ),
  ],
  ['text after it', `${GOOD}.`],
  ['no text', null],
])('a document with %s is refused (REQ B-6)', async (_, jws) => {
  expect(await accepted([jws])).toBe(0)
})

const signed = (signer: 'stop' | 'resume', version: number, action: KillClaims['action'], more: Partial<KillClaims> = {}) => ({
  signer,
  jws: '',
  claims: claimsOf(version, action, more),
})
const NOW = Date.parse('2026-06-01T00:00:00Z')
const kill = signed('stop', 5, 'kill')
const mail = [{ action: 'mail.*' }]

test.each([
  ['newer', signed('stop', 6, 'kill'), kill, true],
  ['older', signed('resume', 4, 'run'), kill, false],
  ['the same again', kill, kill, true],
  ['the same version with other words', signed('stop', 5, 'safe-worker'), kill, false],
  ['the same version by the other key', signed('resume', 5, 'kill'), kill, false],
  ['expired', signed('stop', 6, 'kill', { expires: '2026-05-31T23:59:59Z' }), kill, false],
  ['leave to run by the resume key', signed('resume', 6, 'run'), kill, true],
  ['leave to run by the stop key', signed('stop', 6, 'run'), kill, false],
  ['leave to run by the stop key, to a device that knows nothing', signed('stop', 6, 'run'), null, false],
  ['leave to run with a raise by the stop key, to a device that knows nothing', signed('stop', 6, 'run', { raise: 'RED' }), null, false],
  ['a raise by the stop key over leave to run', signed('stop', 6, 'run', { raise: 'RED' }), signed('resume', 5, 'run'), true],
  ['a lower raise by the stop key', signed('stop', 6, 'run', { raise: 'YELLOW' }), signed('stop', 5, 'run', { raise: 'RED' }), false],
  ['a stop, to a device that knows nothing', signed('stop', 6, 'kill'), null, true],
  ['a milder stop by the stop key', signed('stop', 6, 'readonly'), kill, false],
  ['another stop that allows what the first did not', signed('stop', 6, 'drain'), signed('stop', 5, 'readonly'), false],
  ['a stop for some by the stop key over one for all', signed('stop', 6, 'kill', { scopes: mail }), kill, false],
  ['a stop for all over one for some', kill, signed('stop', 4, 'kill', { scopes: mail }), true],
  ['a stop for others by the stop key', signed('stop', 6, 'kill', { scopes: [{ agent: '*' }] }), signed('stop', 5, 'kill', { scopes: mail }), false],
  ['a stop for them and others', signed('stop', 6, 'kill', { scopes: [...mail, { agent: '*' }] }), signed('stop', 5, 'kill', { scopes: mail }), true],
  ['a stop for more of the same', signed('stop', 6, 'kill', { scopes: [{ action: 'ma*' }] }), signed('stop', 5, 'kill', { scopes: mail }), true],
  [
    'more people by the stop key',
    signed('stop', 6, 'run', { raise: 'RED', rollout: { percent: 20, salt: 's' } }),
    signed('resume', 5, 'run', { rollout: { percent: 10, salt: 's' } }),
    false,
  ],
  [
    'a stop that forgets who was off',
    signed('stop', 6, 'kill', { scopes: mail }),
    signed('resume', 5, 'run', { rollout: { percent: 10, salt: 's' } }),
    false,
  ],
])('%s: taken or refused by the rules of its key (REQ B-6)', (_, offered, held, isTaken) => {
  expect(judgeOffer(offered, held, NOW).ok).toBe(isTaken)
})

const anyTerms = (rng: Rng): KillClaims => {
  const scope = () => ({
    ...(rng.chance(0.3) ? { tenant: rng.pick(['a', 'b']) } : {}),
    ...(rng.chance(0.5) ? { action: rng.pick(['mail.*', 'mail.send', 'm*', 'pay']) } : {}),
    ...(rng.chance(0.3) ? { agent: rng.pick(['*', 'bot']) } : {}),
    ...(rng.chance(0.2) ? { release: rng.pick([{ min: '1.2' }, { max: '1.4.0' }, { min: '1', max: '2' }]) } : {}),
  })
  return claimsOf(1, rng.pick(['run', 'readonly', 'drain', 'kill', 'safe-worker']), {
    ...(rng.chance(0.6) ? { scopes: Array.from({ length: 1 + rng.int(3) }, scope) } : {}),
    ...(rng.chance(0.2) ? { rollout: { percent: rng.int(101), salt: rng.pick(['x', 'y']) } } : {}),
  })
}

test('what covers another stops everybody whom the other stops, as much; server and device judge alike (REQ B-6)', () => {
  const rng = createRng('covers')
  const STRICT: Record<string, readonly string[]> = {
    run: [],
    readonly: ['readonly'],
    drain: ['drain'],
    kill: ['readonly', 'drain', 'kill'],
    'safe-worker': ['readonly', 'drain', 'kill', 'safe-worker'],
  }
  let covered = 0
  for (let i = 0; i < 20_000; i++) {
    const [next, held] = [anyTerms(rng), anyTerms(rng)]
    const isCovered = covers(next, held)
    expect(coversOnServer(next, held)).toBe(isCovered)
    if (!isCovered) continue
    covered += 1
    const subject = {
      action: rng.pick(['mail.send', 'mail.read', 'pay', 'other']),
      agent: rng.pick([null, 'bot', 'aide']),
      principal: { tenant: rng.pick(['a', 'b', 'c']), user: rng.hex(4) },
    }
    const release = rng.pick([null, '1.0.0', '1.3', '3'])
    const [mine, theirs] = [stateFor(next, subject, release), stateFor(held, subject, release)]
    expect(theirs === 'run' || STRICT[mine]?.includes(theirs), JSON.stringify({ next, held, subject, release, mine, theirs })).toBe(true)
  }
  expect(covered).toBeGreaterThan(500)
})

test('a rollout is the same people each time, more of them as it rises, and about as many as it says (REQ 1-52)', () => {
  const people = Array.from({ length: 2_000 }, (_, i) => ({ tenant: 't', user: `user-${i}` }))
  const onAt = (percent: number, salt = 's') =>
    people.filter(
      (principal) => stateFor(claimsOf(1, 'run', { rollout: { percent, salt } }), { action: 'a', agent: null, principal }, null) === 'run',
    )
  expect(onAt(0)).toHaveLength(0)
  expect(onAt(100)).toHaveLength(people.length)
  const [ten, half] = [onAt(10), onAt(50)]
  expect(onAt(10)).toEqual(ten)
  expect(ten.every((person) => half.includes(person))).toBe(true)
  expect(onAt(50, 'other')).not.toEqual(half)
  expect(Math.abs(ten.length / people.length - 0.1)).toBeLessThan(0.03)
  expect(Math.abs(half.length / people.length - 0.5)).toBeLessThan(0.05)
})
