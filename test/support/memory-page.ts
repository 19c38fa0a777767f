import type { Frame, Page } from 'playwright-core'
import type { AccountKey, Adopted, TieredMemory } from '../../src/memory/index.ts'
import type { Answer } from '../../src/protocol/messages.ts'
import type { MaestroWindow } from './in-page.ts'

export type MemoryWindow = MaestroWindow & { memory: TieredMemory; account: AccountKey }

export const PASSPHRASE = 'seven quiet rivers bend'

type Method = {
  [N in keyof TieredMemory]: TieredMemory[N] extends (...args: never[]) => Promise<Answer<infer T>> ? [N, T] : never
}[keyof TieredMemory]
type ValueOf<N extends keyof TieredMemory> = Extract<Method, [N, unknown]>[1]

/** One call to the page's `TieredMemory`. */
export const call = <N extends keyof TieredMemory>(page: Page, name: N, ...args: Parameters<TieredMemory[N]>): Promise<Answer<ValueOf<N>>> =>
  page.evaluate(
    ({ name, args }) => {
      const { memory } = window as unknown as MemoryWindow
      return (memory[name] as (...given: unknown[]) => Promise<never>).apply(memory, args)
    },
    { name, args: args as unknown[] },
  )

/** The value of an answer that must be one. */
export const value = async <T>(answer: Promise<Answer<T>>): Promise<T> => {
  const said = await answer
  if (!said.ok) throw new Error(`${said.error.code}: ${said.error.message}`)
  return said.value
}

export const account = (page: Page) => page.evaluate(() => (window as unknown as MemoryWindow).account.view())

type Ceremony = 'create' | 'unlock' | 'changePassphrase' | 'changeRecoveryCode'

/** Begins a ceremony in the page and gives the frame it happens in, and what comes of it. */
export const begin = async (page: Page, what: Ceremony): Promise<{ readonly frame: Frame; readonly done: Promise<Answer<Adopted>> }> => {
  const done = page.evaluate((name) => {
    const { account: key } = window as unknown as MemoryWindow
    return key[name](document.querySelector('#mount') as HTMLElement)
  }, what)
  const element = await page.waitForSelector('iframe')
  const frame = await element.contentFrame()
  if (!frame) throw new Error('the unlock document has no frame')
  await frame.waitForSelector('form')
  return { frame, done }
}

/** Presses a button that may end the ceremony: the frame can be gone before the press is. */
export const press = (frame: Frame, which: 'submit' | 'button' = 'submit'): Promise<void> =>
  frame.$eval(`button[type=${which}]`, (button) => (button as HTMLButtonElement).click()).catch(() => undefined)

/** Sets up the account by hand, as a person would; gives the words of the recovery code. */
export const createAccount = async (page: Page, passphrase = PASSPHRASE): Promise<string> => {
  const { frame, done } = await begin(page, 'create')
  await frame.fill('#new', passphrase)
  await frame.fill('#again', passphrase)
  await frame.click('button[type=submit]')
  const words = await frame.waitForSelector('#code')
  const code = (await words.$$eval('li', (items) => items.map(({ textContent }) => textContent))).join(' ')
  await frame.check('#kept')
  await press(frame)
  await value(done)
  return code
}

export const unlock = async (page: Page, secret: string): Promise<Answer<Adopted>> => {
  const { frame, done } = await begin(page, 'unlock')
  await frame.fill('#secret', secret)
  await press(frame)
  return done
}
