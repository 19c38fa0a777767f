import { expect, test, vi } from 'vitest'
import { readAlertRules } from '../../src/cli/alert-rules.ts'
import type { Io } from '../../src/cli/io.ts'
import { consoleApi } from '../../src/pages/host/console-api.ts'
import { probe } from '../../src/pages/host/probe.ts'
import { createSeries } from '../../src/pages/host/series.ts'
import { createWatched } from '../../src/pages/host/watched.ts'

const TARGET = { url: 'https://watched.example', dataDir: '/nowhere', key: async () => 'an-operator-key-of-a-test' }
const FIGURES = {
  claims: { attempts: 1, failures: 0 },
  sync: { rate: null, devices: 0 },
  escalations: { count: 0 },
  stuck: { count: 7 },
}

/** A console before a server that answers by path: a status and a body. */
const consoleOf = async (answers: Readonly<Record<string, readonly [number, unknown]>>) => {
  const io: Io = {
    env: {},
    cwd: '/',
    out: () => undefined,
    err: () => undefined,
    now: Date.now,
    fetch: async (input) => {
      const path = new URL(String(input)).pathname.replace('/functions/v1', '')
      const [status, body] = answers[path] ?? [404, { code: 'ROUTE_UNKNOWN', message: 'There is no such route.' }]
      return new Response(JSON.stringify(body), { status, headers: { 'x-maestro-kill-version': '1' } })
    },
  }
  const watched = createWatched(io, TARGET, (await readAlertRules()).rules)
  const api = consoleApi({ watched, series: createSeries(), newest: () => watched.look() })
  const get = async (path: string) => {
    const response = await api(new Request(`http://localhost:5174${path}`))
    return { status: response?.status, body: (await response?.json()) as Record<string, unknown> }
  }
  return { watched, get }
}

test('an older server that lacks the operator’s routes is shown as one whose figures are not known, and nothing throws', async () => {
  const { watched, get } = await consoleOf({ '/maestro-health': [200, { status: 'healthy', maestro_enabled: true, version: '1.0.0' }] })
  const picture = await watched.look()
  expect(picture.health.ok).toBe(true)
  for (const part of [picture.state, picture.signals, picture.coverage, picture.devices])
    expect(part).toEqual({ ok: false, code: 'ROUTE_UNKNOWN', message: 'There is no such route.' })
  expect((await get('/api/now')).status).toBe(200)
})

test.each([
  ['no figures', {}],
  ['a missing window', { ...FIGURES, claims: undefined }],
  ['a count that is none', { ...FIGURES, stuck: { count: 'many' } }],
  ['nothing', { ...FIGURES, escalations: null }],
])('figures of another shape (%s) are a part that is not known', async (_, body) => {
  const { watched } = await consoleOf({ '/maestro-health/ops/signals': [200, body] })
  expect((await watched.look()).signals).toMatchObject({ ok: false, code: 'ANSWER_INVALID' })
})

test('figures of the right shape, and fields beside them, are passed on and judged', async () => {
  const { watched } = await consoleOf({ '/maestro-health/ops/signals': [200, { ...FIGURES, newer: 1 }] })
  const { signals, alerts } = await watched.look()
  expect(signals).toMatchObject({ ok: true, value: { ...FIGURES, newer: 1 } })
  expect(alerts.find(({ id }) => id === 'stuck-receipts')?.fires).toBe(true)
})

test('a receipt that nobody knows is not found; a route or a server that is missing is no receipt', async () => {
  const unknown = { code: 'RECEIPT_UNKNOWN', message: 'No receipt has this key.' }
  const { get } = await consoleOf({ '/maestro-health/ops/receipts/gone': [404, unknown] })
  expect(await get('/api/receipts/gone')).toEqual({ status: 404, body: unknown })
  expect(await get('/api/receipts')).toMatchObject({ status: 502, body: { code: 'ROUTE_UNKNOWN' } })
  expect(await get('/api/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
})

test('a question without an answer is given up, and its request with it', async () => {
  vi.useFakeTimers()
  try {
    let given: AbortSignal | null = null
    const asked = probe((signal) => {
      given = signal
      return new Promise(() => undefined)
    })
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await asked).toEqual({ ok: false, code: 'SILENT', message: 'no answer within 3 s' })
    expect((given as AbortSignal | null)?.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
