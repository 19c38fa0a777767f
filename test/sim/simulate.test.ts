import { expect, test } from 'vitest'
import { http, local } from '../../sw/boot/effects.ts'
import type { Actions } from '../../sw/ports/action.ts'
import { simulate } from '../../src/testing/index.ts'

const params = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } }

const ACTIONS: Actions = {
  order: { version: 1, params, lane: { base: 'GREEN', because: 'small' }, effect: http({ url: '/orders' }) },
  note: { version: 1, params, lane: { base: 'GREEN', because: 'local' }, effect: local(({ text }) => text ?? null) },
}

test('an app’s own actions run through schedules of faults, and nothing is lost or repeated', { timeout: 300_000 }, async () => {
  const report = await simulate({
    actions: ACTIONS,
    intents: (random) => [1, 2, 3].map((i) => ({ action: random.pick(['order', 'note']), params: { text: random.hex(8) }, key: `key-${i}` })),
    seeds: 15,
  })
  expect(report).toMatchObject({ schedules: 15, lost: 0, repeated: 0, stuck: 0, law_breaks: 0, failed: null })
  expect(report.effects).toBeGreaterThan(10)
})

test(
  'an app whose schema refuses what its own back end answers is found out, with the smallest schedule that shows it',
  { timeout: 300_000 },
  async () => {
    let count = 0
    const moody: Actions = {
      order: {
        version: 1,
        params,
        lane: { base: 'GREEN', because: 'small' },
        effect: http({
          url: '/orders',
          answer: { '~standard': { ...params['~standard'], validate: () => ({ issues: [{ message: String(count++) }] }) } },
        }),
      },
    }
    const report = await simulate({ actions: moody, intents: (random) => [{ action: 'order', params: { text: random.hex(8) }, key: 'k' }], seeds: 2 })
    expect(report.failed).not.toBeNull()
    expect(report.failed?.plan.acts.filter(({ kind }) => kind === 'execute').length).toBeLessThanOrEqual(1)
  },
)
