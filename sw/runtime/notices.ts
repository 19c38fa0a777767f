/** Tells a person whose page is out of sight that something waits for them. What it says stands on lock screens: the action's title, and no value. */
import { actionOf } from '../core/action-of.ts'
import type { Notices } from '../ports/notices.ts'
import type { Kit } from './kit.ts'

/** Only what was asked a moment ago is news; a worker that starts later finds what it had told before. Milliseconds. */
const NEWS_MS = 60_000

export const createNoticesKit =
  (notices: Notices): Kit =>
  ({ actions, clock }) => {
    const told = new Set<string>()

    async function tell(id: string, title: string): Promise<void> {
      if (await notices.isInSight()) return
      await notices.show({ tag: id, title, body: 'This waits for your approval.' })
    }

    return {
      changed({ id, state, admittedAt, call }) {
        const isWaiting = state === 'awaiting-approval'
        if (isWaiting && !told.has(id) && clock.now() - admittedAt < NEWS_MS) {
          told.add(id)
          void tell(id, actionOf(actions, call.action)?.title ?? call.action).catch(() => undefined)
        }
        if (!isWaiting && told.delete(id)) void notices.close(id)
      },
    }
  }
