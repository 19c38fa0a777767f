import { expect, test } from 'vitest'
import { runBulk } from '../support/hunt-bulk.ts'

const ITEMS = Number(process.env['HUNT_ITEMS'] ?? 10_000)

// The browser measures long tasks by the wall: this file runs when all others have ended.
test(
  `a browser with ${ITEMS} waiting items starts, shows and drains them without a long task in the page, and loses and repeats none when killed half-way`,
  { timeout: 300_000 },
  async () => {
    const outcome = await runBulk(ITEMS)
    expect(outcome).toMatchObject({
      accepted: ITEMS,
      shown: ITEMS,
      unique: ITEMS,
      repeated: 0,
      waitingAtEnd: 0,
      isObserverProven: true,
      longTasks: [],
    })
    expect(outcome.startMs).toBeLessThan(15_000)
    expect(outcome.effectsAtKill).toBeGreaterThanOrEqual(ITEMS / 2)
    expect(outcome.effectsAtKill).toBeLessThan(ITEMS)
  },
)
