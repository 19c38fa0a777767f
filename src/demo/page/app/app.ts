import type { Connected } from './connected.ts'
import type { Live } from './live.ts'
import type { Mailbox } from './mailbox.ts'
import type { DemoMemory } from './memory.ts'

/** What every view of the demo is given. */
export type App = {
  readonly client: Connected
  readonly user: string
  readonly live: Live
  readonly mailbox: Mailbox
  readonly memory: DemoMemory
  /** Says a short sentence to screen readers, politely. */
  readonly announce: (sentence: string) => void
  /** Brings the waiting approvals up again. */
  readonly review: () => void
}
