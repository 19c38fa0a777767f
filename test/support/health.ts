import type { Page } from 'playwright-core'

export const HEALTHY = '{"status":"healthy","maestro_enabled":true,"version":"1.0.0"}'
export const DISABLED = '{"status":"disabled","maestro_enabled":false}'

/** Status, type and bytes of `/maestro-health` as curl sees them. */
export const healthByNode = async (origin: string): Promise<readonly [number, string, string]> => {
  const answer = await fetch(`${origin}/maestro-health`)
  return [answer.status, (answer.headers.get('content-type') ?? '').split(';')[0] ?? '', (await answer.text()).trim()]
}

/** The same by `fetch` in the page, where the worker may answer. */
export const healthInPage = (page: Page): Promise<readonly [number, string, string]> =>
  page.evaluate(async () => {
    const answer = await fetch('/maestro-health')
    return [answer.status, (answer.headers.get('content-type') ?? '').split(';')[0] ?? '', (await answer.text()).trim()] as const
  })
