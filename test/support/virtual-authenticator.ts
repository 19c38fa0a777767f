import type { Page } from 'playwright-core'

export type VirtualAuthenticator = {
  /** Whether the person may be verified from now on; without it they are there, but nobody knows who. */
  verifies(yes: boolean): Promise<void>
}

/** Gives a page an authenticator that says yes by itself, as a platform's own would after a fingerprint. It goes with the page. */
export const addAuthenticator = async (page: Page): Promise<VirtualAuthenticator> => {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { verifies: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }).then(() => undefined) }
}
