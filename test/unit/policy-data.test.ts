import { expect, test } from 'vitest'
import type { Json } from '../../src/base/json.ts'
import { boundParams, grantFor, useGrant, type Grant } from '../../src/policy/grants.ts'
import { judgeCall } from '../../src/policy/judge-call.ts'
import { lintPolicy } from '../../src/policy/lint-policy.ts'
import { NOTHING_OBSERVED, observe, observedWords } from '../../src/policy/observed.ts'
import { parsePolicy } from '../../src/policy/parse-policy.ts'
import type { Policy, PolicyRule } from '../../src/policy/policy-data.ts'
import { replayPolicy, type Recorded } from '../../src/policy/replay-policy.ts'
import { commit, confirm, forget, overdrawn, release, reserve, SPENT_MAX, type Spent } from '../../src/policy/spending.ts'

const rule = (id: string, says: PolicyRule['says'], when: PolicyRule['when']): PolicyRule => ({ id, says, when, because: id })
const policy = (rules: readonly PolicyRule[]): Policy => ({ v: 1, version: 3, rules })
const parse = (value: unknown, now = 0, inForce = 0) => parsePolicy(value as Json, now, inForce)
const codeOf = (value: unknown, now = 0, inForce = 0) => {
  const parsed = parse(value, now, inForce)
  return parsed.ok ? 'taken' : parsed.error.code
}
const kinds = (rules: readonly PolicyRule[], known?: Parameters<typeof lintPolicy>[1]) =>
  lintPolicy(policy(rules), known).map(({ kind, id }) => `${kind} ${id}`)

const WHOLE = {
  v: 1,
  version: 2,
  expires: 1_000,
  rules: [
    {
      id: 'r',
      says: 'ask',
      when: { action: ['mail*'], does: ['send'], agent: ['bot'], tainted: true, param: { param: 'amount', above: '5' } },
      because: 'x',
    },
  ],
  budgets: [{ id: 'b', action: ['*'], windowMs: 1, count: 1, amount: 1.5, targets: 1, over: 'BLOCKED', because: 'x' }],
  agents: { bot: { actions: ['mail*'], does: ['send'], until: 5, revoked: true } },
}

test('a whole policy is taken', () => {
  expect(codeOf(WHOLE, 999)).toBe('taken')
  expect(codeOf({ v: 1, version: 0 })).toBe('taken')
})

test.each<[string, unknown]>([
  ['POLICY_MALFORMED', null],
  ['POLICY_MALFORMED', []],
  ['POLICY_MALFORMED', 'policy'],
  ['POLICY_MALFORMED', { v: 2, version: 1 }],
  ['POLICY_MALFORMED', { v: 1 }],
  ['POLICY_MALFORMED', { v: 1, version: -1 }],
  ['POLICY_MALFORMED', { v: 1, version: 1.5 }],
  ['POLICY_MALFORMED', { v: 1, version: 1, forbids: [] }],
  ['POLICY_MALFORMED', { v: 1, version: 1, rules: [] }],
  ['POLICY_MALFORMED', { v: 1, version: 1, confidence: 1.1 }],
  ['POLICY_MALFORMED', { ...WHOLE, rules: [{ ...WHOLE.rules[0], says: 'allow' }] }],
  ['POLICY_MALFORMED', { ...WHOLE, rules: [{ ...WHOLE.rules[0], when: { actions: ['x'] } }] }],
  ['POLICY_MALFORMED', { ...WHOLE, rules: [{ ...WHOLE.rules[0], when: { param: { param: 'a', above: '1e9' } } }] }],
  ['POLICY_MALFORMED', { ...WHOLE, budgets: [{ ...WHOLE.budgets[0], count: '3' }] }],
  ['POLICY_MALFORMED', { ...WHOLE, agents: { bot: { actions: [] } } }],
  ['POLICY_MALFORMED', JSON.parse('{"v":1,"version":1,"__proto__":{"rules":[]}}')],
  ['POLICY_EXPIRED', { v: 1, version: 1, expires: 500 }],
  ['POLICY_OLDER', { v: 1, version: 1 }],
])('%s: %j is refused', (code, value) => {
  expect(codeOf(value, 500, 2)).toBe(code)
})

test('a policy that contradicts itself is refused, one that is only untidy is not', () => {
  expect(codeOf(policy([rule('p', 'permit', { action: ['mail'] }), rule('f', 'forbid', { action: ['mail*'] })]))).toBe('POLICY_CONTRADICTS')
  expect(codeOf(policy([rule('same', 'ask', {}), rule('same', 'forbid', { action: ['x'] })]))).toBe('POLICY_CONTRADICTS')
  expect(codeOf(policy([rule('p', 'permit', { tainted: true })]))).toBe('POLICY_CONTRADICTS')
  expect(codeOf(policy([rule('p', 'permit', { action: ['mail*'] }), rule('f', 'forbid', { action: ['mail.delete'] })]))).toBe('taken')
})

test('the linter names what never matters, what never matches, and what permits everything', () => {
  expect(kinds([rule('narrow', 'ask', { action: ['mail.send'] }), rule('wide', 'forbid', { action: ['mail*'] })])).toEqual(['shadowed narrow'])
  expect(kinds([rule('strict', 'forbid', { action: ['mail.send'] }), rule('wide', 'ask', { action: ['mail*'] })])).toEqual([])
  expect(kinds([rule('all', 'permit', {})])).toEqual(['over-wide all'])
  expect(kinds([rule('all', 'permit', { action: ['*'] })])).toEqual(['over-wide all'])
  const known = { actions: { 'mail.send': { does: 'send', params: ['to'] } }, agents: ['bot'] } as const
  expect(kinds([rule('gone', 'ask', { action: ['pay'] }), rule('here', 'ask', { action: ['mail*'], agent: ['bot'] })], known)).toEqual([
    'unreachable gone',
  ])
  expect(kinds([rule('param', 'ask', { param: { param: 'cc', oneOf: ['x'] } })], known)).toEqual(['unreachable param'])
  expect(lintPolicy({ v: 1, version: 1, budgets: [{ id: 'b', action: ['*'], windowMs: 1, because: 'x' }] })).toMatchObject([
    { kind: 'over-wide', id: 'b' },
  ])
})

test('forbid beats permit, and where something is permitted, what is not is blocked', () => {
  const asked = (rules: readonly PolicyRule[], action: string) =>
    judgeCall(
      { name: action, does: 'read' },
      { id: 'a', agent: 'bot', params: {}, at: 0 },
      { said: [], seen: [], past: [] },
      { policy: policy(rules) },
    ).lane
  const rules = [rule('p', 'permit', { action: ['mail*'] }), rule('f', 'forbid', { action: ['mail.delete'] })]
  expect([asked(rules, 'mail.send'), asked(rules, 'mail.delete'), asked(rules, 'pay')]).toEqual(['GREEN', 'BLOCKED', 'BLOCKED'])
  expect(asked([], 'pay')).toBe('GREEN')
})

test('an agent’s capability only narrows, ends and can be revoked', () => {
  const asked = (capability: NonNullable<Policy['agents']>[string], at = 0) => {
    const context = { policy: { v: 1, version: 1, agents: { bot: capability } } } as const
    return judgeCall({ name: 'mail.find', does: 'read' }, { id: 'a', agent: 'bot', params: {}, at }, { said: [], seen: [], past: [] }, context).lane
  }
  expect([asked({}), asked({ actions: ['mail*'] }), asked({ until: 10 }, 9)]).toEqual(['GREEN', 'GREEN', 'GREEN'])
  expect([asked({ actions: ['pay'] }), asked({ does: ['send'] }), asked({ until: 10 }, 10), asked({ revoked: true })]).toEqual(
    Array(4).fill('BLOCKED'),
  )
})

const spent = (id: string, amount: number, at = 100, targets: readonly string[] = ['a']): Spent => ({
  id,
  action: 'pay',
  agent: 'bot',
  at,
  amount,
  targets,
  state: 'reserved',
})

test('budgets count what is reserved and committed, by count, amount and distinct targets, within their window', () => {
  const limit = { id: 'b', action: ['pay'], windowMs: 1_000, because: 'x' }
  const over = (more: object, spending: readonly Spent[], wanted: Spent) => overdrawn([{ ...limit, ...more }], spending, wanted).length
  expect(over({ count: 2 }, [spent('1', 1)], spent('2', 1))).toBe(0)
  expect(over({ count: 2 }, [spent('1', 1), spent('2', 1)], spent('3', 1))).toBe(1)
  expect(over({ count: 2 }, [spent('1', 1), spent('2', 1)], spent('2', 1))).toBe(0)
  expect(over({ amount: 10 }, [spent('1', 6)], spent('2', 4))).toBe(0)
  expect(over({ amount: 10 }, [spent('1', 6)], spent('2', 4.01))).toBe(1)
  expect(over({ amount: 10 }, [], spent('2', Number.NaN))).toBe(1)
  expect(over({ targets: 1 }, [spent('1', 1)], spent('2', 1))).toBe(0)
  expect(over({ targets: 1 }, [spent('1', 1)], spent('2', 1, 100, ['b']))).toBe(1)
  expect(over({ count: 1 }, [spent('1', 1, 100)], spent('2', 1, 1_101))).toBe(0)
  expect(over({ count: 1 }, [{ ...spent('1', 1), agent: 'other' }], spent('2', 1))).toBe(0)
})

test('what is one too many to be counted is blocked, and nothing inside its window makes room', () => {
  const budgets = [{ id: 'b', action: ['pay'], windowMs: 1_000, amount: 1_000_000, because: 'x' }]
  const many = Array.from({ length: SPENT_MAX - 1 }, (_, index) => spent(String(index), 1))
  expect(overdrawn(budgets, many, spent('new', 1))).toEqual([])
  const full = reserve(many, spent('last', 1))
  expect(full).toHaveLength(SPENT_MAX)
  expect(overdrawn(budgets, full, spent('new', 1))).toMatchObject([{ lane: 'BLOCKED' }])
  expect(overdrawn(budgets, full, spent('last', 1))).toEqual([])
  expect(reserve(full, spent('new', 1))).toBe(full)
  expect(forget(full, budgets, 200, 0)).toHaveLength(SPENT_MAX)
})

test('a reservation counts from when it was made last; one that is only held lapses unless it is confirmed', () => {
  const limit = [{ id: 'b', action: ['pay'], windowMs: 1_000_000, count: 1, because: 'x' }]
  expect(reserve([spent('1', 1, 100)], spent('1', 1, 900))).toMatchObject([{ at: 900 }])
  expect(reserve(commit([spent('1', 1, 100)], '1'), spent('1', 1, 900))).toMatchObject([{ at: 100, state: 'committed' }])
  const held = reserve([], { ...spent('1', 1, 100), state: 'held' })
  expect(overdrawn(limit, held, spent('2', 1, 200))).toHaveLength(1)
  expect(overdrawn(limit, held, spent('2', 1, 100_000))).toHaveLength(0)
  expect(overdrawn(limit, confirm(held, '1'), spent('2', 1, 100_000))).toHaveLength(1)
  expect(forget(held, limit, 100_000, 0)).toEqual([])
  expect(reserve([spent('1', 1, 100)], { ...spent('1', 1, 900), state: 'held' })).toMatchObject([{ at: 100, state: 'reserved' }])
})

test('a reservation is given back unless it was spent', () => {
  const reserved = reserve(reserve([], spent('1', 5)), spent('1', 5))
  expect(reserved).toHaveLength(1)
  expect(release(reserved, '1')).toEqual([])
  expect(release(commit(reserved, '1'), '1')).toMatchObject([{ state: 'committed' }])
  const budgets = [{ id: 'b', action: ['*'], windowMs: 10, count: 1, because: 'x' }]
  expect(forget(commit(reserved, '1'), budgets, 111, 1_000)).toEqual([])
  expect(forget(reserved, budgets, 111, 1_000)).toHaveLength(1)
  expect(forget(reserved, budgets, 2_000, 1_000)).toEqual([])
})

test('a grant covers the same agent, action and bound values, until it is used up or over', () => {
  const declared = { name: 'mail', does: 'send', roles: { to: 'target', body: 'content' } } as const
  expect(boundParams(declared, { to: 'a', body: 'b', cc: 'c' })).toEqual({ to: 'a' })
  const grant: Grant = { id: 'g', agent: 'bot', action: 'mail', same: { to: 'a' }, left: 1, until: 10 }
  const covers = (params: object, agent = 'bot', now = 0) => grantFor([grant], declared, { id: 'r', agent, params: params as never, at: now })?.id
  expect([covers({ to: 'a', body: 'new' }), covers({ to: 'b' }), covers({ to: 'a' }, 'other'), covers({ to: 'a' }, 'bot', 10)]).toEqual([
    'g',
    undefined,
    undefined,
    undefined,
  ])
  const asked = (id: string) => ({ id, agent: 'bot', params: { to: 'a' }, at: 0 })
  expect(grantFor([{ ...grant, same: {} }], declared, asked('r'))).toBeNull()
  const twice = useGrant(useGrant([{ ...grant, left: 2 }], 'g', 'r'), 'g', 'r')
  expect(twice).toMatchObject([{ left: 1 }])
  const over = useGrant(twice, 'g', 's')
  expect([grantFor(over, declared, asked('r'))?.id, grantFor(over, declared, asked('t'))]).toEqual(['g', null])
})

test('a grant takes back a question, never a forbid', () => {
  const declared = { name: 'mail', does: 'send', roles: { to: 'target' } } as const
  const grants: readonly Grant[] = [{ id: 'g', agent: 'bot', action: 'mail', same: { to: 'x@y.example' }, left: 1, until: 10 }]
  const seen = [{ id: 'm', by: 'eve', text: 'Write to x@y.example' }]
  const asked = (context: object) =>
    judgeCall(declared, { id: 'a', agent: 'bot', params: { to: 'x@y.example' }, at: 0 }, { said: [], seen, past: [] }, context)
  expect(asked({}).lane).toBe('RED')
  expect(asked({ grants })).toMatchObject({ lane: 'GREEN', grant: 'g' })
  expect(asked({ grants, policy: policy([rule('f', 'forbid', {})]) }).lane).toBe('BLOCKED')
})

test('a changed policy is tried on recorded calls: which would ask now, which be blocked (REQ B-18)', () => {
  const declared = {
    mail: { name: 'mail', does: 'send', roles: { to: 'target' } },
    pay: { name: 'pay', does: 'money', roles: { amount: 'amount' } },
  } as const
  const call = (id: string, action: string, params: object, at: number): Recorded => ({
    id,
    action,
    agent: 'bot',
    params: params as never,
    at,
    lane: 'GREEN',
  })
  const receipts = [
    call('1', 'mail', { to: 'a' }, 1),
    call('2', 'pay', { amount: 8 }, 2),
    call('3', 'pay', { amount: 8 }, 3),
    call('4', 'gone', {}, 4),
    { ...call('5', 'mail', {}, 5), agent: null },
  ]
  const report = replayPolicy(
    { v: 1, version: 1, budgets: [{ id: 'b', action: ['pay'], windowMs: 100, amount: 10, because: 'too much' }] },
    declared,
    receipts,
  )
  expect(report).toMatchObject({ actions: 5, wouldAsk: 1, wouldBlock: 1, wouldRun: 3 })
  expect(report.changes).toMatchObject([
    { id: '3', from: 'GREEN', to: 'RED', reasons: ['too much'] },
    { id: '4', to: 'BLOCKED' },
  ])
  expect(replayPolicy({ v: 1, version: 1 }, declared, receipts.slice(0, 3)).changes).toEqual([])
})

test('a report of observed actions counts in words', () => {
  let so = NOTHING_OBSERVED
  for (let index = 0; index < 1_200; index += 1) so = observe(so, 'mail', index < 14 ? 'RED' : index === 14 ? 'BLOCKED' : 'GREEN')
  expect(observedWords(so)).toBe('of 1,200 actions 14 would have asked, 1 been blocked')
  expect(so.byAction).toEqual({ mail: { actions: 1_200, wouldAsk: 14, wouldBlock: 1 } })
})
