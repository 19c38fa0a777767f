/** The little of a service worker's scope that the peers use; these files are checked with the page's types, which lack it. */
export type PeerMessageEvent = MessageEvent<unknown> & { waitUntil(work: Promise<unknown>): void }

export type PeerScope = {
  readonly location: { readonly pathname: string }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install', listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void
  addEventListener(type: 'message', listener: (event: PeerMessageEvent) => void): void
}

export const scope = globalThis as unknown as PeerScope
