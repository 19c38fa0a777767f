import axe from 'axe-core'
import type { Page } from 'playwright-core'

export type Violation = { readonly id: string; readonly where: readonly string[] }

/** What axe finds wrong with a page as it stands. */
export const violationsOf = async (page: Page): Promise<readonly Violation[]> => {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => ({
      id,
      where: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`),
    }))
  })
}
