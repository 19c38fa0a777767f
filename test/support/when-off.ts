import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { EMAIL, EVENT, NOTE, PAYMENT } from './ask.ts'
import { databasesOf, execute } from './in-page.ts'
import type { MaestroWindow } from './in-page.ts'

/** While MAESTRO is off each action does what it declared: the note falls back for the user, everything else and every agent stops (REQ 0-4, 1-32). */
export const expectWhenOff = async (page: Page): Promise<void> => {
  const note = await page.evaluate(async (params) => {
    let ran = 0
    const handle = await (window as unknown as MaestroWindow).maestro.execute('note.add', params, {
      fallback: () => {
        ran += 1
        return { by: 'the app itself' }
      },
    })
    return { ran, result: handle.result ?? null }
  }, NOTE)
  expect(note).toEqual({ ran: 1, result: { by: 'the app itself' } })
  const stopped: readonly (readonly [action: string, params: unknown])[] = [
    ['email.send', EMAIL],
    ['event.create', EVENT],
    ['payment.transfer', PAYMENT],
    ['file.delete', { id: 'f1' }],
  ]
  for (const [action, params] of stopped)
    expect(await execute(page, action, params), action).toMatchObject({ status: 'disabled', failure: { code: 'DISABLED' } })
  for (const [action, params] of [['note.add', NOTE], ...stopped] as const)
    expect(await execute(page, action, params, { agent: 'assistant' }), `${action} by an agent`).toMatchObject({
      status: 'disabled',
      failure: { code: expect.stringMatching(/^(AGENT_STOPPED|DISABLED)$/) },
    })
}

/** A fallback given for an action that stops is not run: otherwise one line in a page would be a bypass. */
export const expectNoBypass = async (page: Page): Promise<void> => {
  const ran = await page.evaluate(async (params) => {
    let ran = 0
    await (window as unknown as MaestroWindow).maestro.execute('payment.transfer', params, { fallback: () => (ran += 1) })
    return ran
  }, PAYMENT)
  expect(ran).toBe(0)
}

/** None of our databases exists in this origin. */
export const expectNoDatabase = async (page: Page): Promise<void> => {
  expect((await databasesOf(page)).filter((name) => name.startsWith('maestro') || name.startsWith('workbox'))).toEqual([])
}
