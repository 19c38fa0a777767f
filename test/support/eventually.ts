import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again every 50 ms until the answer is truthy; throws with `what` and the last answer or error after `timeoutMs`. */
export const eventually = async <T>(what: string, ask: () => Promise<T> | T, timeoutMs = 15_000): Promise<NonNullable<T>> => {
  const end = Date.now() + timeoutMs
  let last: unknown
  do {
    try {
      const answer = await ask()
      if (answer) return answer
      last = answer
    } catch (error) {
      last = error
    }
    await sleep(50)
  } while (Date.now() < end)
  throw new Error(`not within ${timeoutMs} ms: ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`)
}
