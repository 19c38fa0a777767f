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
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
/** Chromium stops a worker that had no event for 30 s. */
const IDLE_MS = 36_000

type Report = { readonly step: string; readonly status: string; readonly boot: string }

/** The demo's own page with one more script, that asks twice with a long silence between and reports by requests. */
const page = (first: string, second: string) => `<!doctype html><script>
const report = async (step, handle) => {
  const { status } = await handle.settled
  await fetch('/__report?' + encodeURIComponent(JSON.stringify({ step, status, boot: maestro.snapshot.boot })))
}
const run = async () => {
  while (!window.maestro) await new Promise(resolve => setTimeout(resolve, 50))
  await report('first', await maestro.execute('email.send', ${JSON.stringify(EMAIL)}, { key: '${first}' }))
  await new Promise(resolve => setTimeout(resolve, ${IDLE_MS}))
  await report('second', await maestro.execute('email.send', ${JSON.stringify(EMAIL)}, { key: '${second}' }))
}
run()
fetch('/').then(answer => answer.text()).then(html => { document.open(); document.write(html); document.close() })
</script>`

test('with no debugger attached the browser stops the idle worker by itself, and the open page goes on (DESIGN 15)', async () => {
  const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
  onTestFinished(() => proxy.close())
  const [first, second] = [newKey('raw-first'), newKey('raw-second')]
  proxy.script('/raw.html', [{ kind: 'answer', status: 200, type: 'text/html', body: page(first, second) }])
  const profile = await mkdtemp(join(tmpdir(), 'maestro-raw-'))
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  const child = spawn(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', [...args, `--user-data-dir=${profile}`, `${proxy.origin}/raw.html`], {
    stdio: 'ignore',
    detached: true,
  })
  onTestFinished(async () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await sleep(300)
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  const reportOf = (step: string, waitMs: number) =>
    eventually(
      `the ${step} report`,
      () =>
        proxy.seen
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
})
