import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { EMAIL, newKey } from '../support/ask.ts'
import { openBrowser } from '../support/browser.ts'
import { effectsOf } from '../support/effects.ts'
import { eventually } from '../support/eventually.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { execute, settled } from '../support/in-page.ts'
import { sharedDemo } from '../support/shared-demo.ts'

const demo = sharedDemo()
const KILLS = Math.max(1, Math.floor(Number(process.env['HUNT_KILLS'] ?? 2) / 2))
const MAILS = 8

test(
  `with the real server and its database, mails under way at ${KILLS} kills of the browser are sent once each (laws 4 and 5)`,
  async () => {
    const proxy = await startFaultProxy(Number(new URL(demo().origin).port))
    onTestFinished(() => proxy.close())
    const browser = await openBrowser()
    let page = await browser.visit(proxy.origin)
    const keys: string[] = []
    for (let round = 0; round < KILLS; round++) {
      const fresh = Array.from({ length: MAILS }, (_, i) => newKey(`hunted-${round}-${i}`))
      keys.push(...fresh)
      const before = proxy.seen.length
      proxy.script('/api/demo/', [{ kind: 'answer-lost' }, { kind: 'hang' }, { kind: 'answer-lost' }])
      await Promise.all(fresh.map((key) => execute(page, 'email.send', { ...EMAIL, subject: key }, { key })))
      await eventually('requests are under way', () => proxy.seen.slice(before).filter(({ path }) => path.startsWith('/api/demo/')).length >= 2)
      await browser.crash()
      await browser.reopen()
      page = await browser.visit(proxy.origin)
    }
    for (const key of keys) expect(await settled(page, key)).toMatchObject({ status: 'done' })
    await sleep(1_000)
    const sent = (await effectsOf(demo().origin)).filter(({ idempotency_key: key }) => keys.includes(key)).map(({ idempotency_key: key }) => key)
    expect(sent.toSorted()).toEqual(keys.toSorted())
  },
  120_000 + KILLS * 20_000,
)
