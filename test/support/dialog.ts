import type { Locator, Page } from 'playwright-core'

/** Presses a button of the approvals dialog once it is armed. Playwright waits until it is visible, still and enabled. */
export const decide = async (page: Page, verdict: 'Approve' | 'Deny'): Promise<void> => {
  await approvalButton(page, verdict).click({ timeout: 10_000 })
}

export const approvalButton = (page: Page, verdict: 'Approve' | 'Deny'): Locator =>
  page.locator('maestro-approvals').getByRole('button', { name: verdict, exact: true })
