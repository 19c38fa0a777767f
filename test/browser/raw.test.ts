import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { Fault } from '../support/fault-proxy.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
/** Chromium stops a worker that had no event for 30 s. */
const IDLE_MS = 36_000

type Report = { readonly step: string; readonly status: string; readonly boot: string }

/** The demo's own page with one more script: it asks once, reports by a request, and goes on to `next`. */
const pageThatAsks = (step: string, key: string, next: string) => `<!doctype html><script>
const run = async () => {
  while (!window.maestro) await new Promise(resolve => setTimeout(resolve, 50))
  const handle = await maestro.execute('email.send', ${JSON.stringify(EMAIL)}, { key: '${key}' })
  const { status } = await handle.settled
  await fetch('/__report?' + encodeURIComponent(JSON.stringify({ step: '${step}', status, boot: maestro.snapshot.boot })))
  if ('${next}') location.href = '${next}'
}
run()
fetch('/').then(answer => answer.text()).then(html => { document.open(); document.write(html); document.close() })
</script>`

/** Elsewhere, so that no page of the app is open; comes back by itself. */
const pageThatWaits = (next: string) => `<!doctype html><script>setTimeout(() => { location.href = '${next}' }, ${IDLE_MS})</script>`

const html = (body: string): Fault => ({ kind: 'answer', status: 200, type: 'text/html', body })

test('with no debugger attached the browser stops the idle worker by itself, and the next page goes on with a new one (DESIGN 15)', async () => {
  const port = Number(new URL(demo().origin).port)
  const [app, elsewhere] = [await startFaultProxy(port), await startFaultProxy(port)]
  onTestFinished(async () => void (await Promise.all([app.close(), elsewhere.close()])))
  const [first, second] = [newKey('raw-first'), newKey('raw-second')]
  app.script('/raw-first.html', [html(pageThatAsks('first', first, `${elsewhere.origin}/wait.html`))])
  elsewhere.script('/wait.html', [html(pageThatWaits(`${app.origin}/raw-second.html`))])
  app.script('/raw-second.html', [html(pageThatAsks('second', second, ''))])

  const profile = await mkdtemp(join(tmpdir(), 'maestro-raw-'))
  const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  const args = ['--headless=new', ...flags, `--user-data-dir=${profile}`, `${app.origin}/raw-first.html`]
  const child = spawn(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args, { stdio: 'ignore', detached: true })
  onTestFinished(async () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await sleep(300)
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  const reportOf = (step: string, waitMs: number) =>
    eventually(
      `the ${step} report`,
      () =>
        app.seen
          .filter(({ path }) => path.startsWith('/__report?'))
          .map(({ path }) => JSON.parse(decodeURIComponent(path.slice('/__report?'.length))) as Report)
          .find((report) => report.step === step),
      waitMs,
    )
  const before = await reportOf('first', 30_000)
  const after = await reportOf('second', IDLE_MS + 30_000)
  expect([before.status, after.status]).toEqual(['done', 'done'])
  expect(after.boot).not.toBe(before.boot)
  for (const key of [first, second]) expect(await effectsOf(demo().origin, key)).toHaveLength(1)
}, 120_000)
