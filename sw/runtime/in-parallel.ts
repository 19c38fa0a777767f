/** One's turn among those that may be under way at the same time. Both may be called again. */
export type Turn = { readonly take: () => Promise<void>; readonly end: () => void }

/**
 * Works through a list; one that fails is its own affair. So many have their turn at once, and as many get ready for theirs meanwhile:
 * what comes before a turn and after it takes no time from the others. Who takes none is ready until it ends. Resolves when all have ended.
 */
export async function inParallel<T>(items: readonly T[], lanes: number, work: (item: T, turn: Turn) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  const waiting: (() => void)[] = []
  const ends: Promise<unknown>[] = []
  let room = lanes
  const begin = (item: T): Promise<void> =>
    new Promise((next) => {
      let isTaken = false
      const end = (): void => {
        const first = isTaken ? waiting.shift() : undefined
        if (first) first()
        else if (isTaken) room += 1
        isTaken = false
      }
      const take = async (): Promise<void> => {
        if (isTaken) return
        isTaken = true
        if (room > 0) room -= 1
        else await new Promise<void>((go) => waiting.push(go))
        next()
      }
      ends.push(
        work(item, { take, end })
          .finally(() => (end(), next()))
          .catch(() => undefined),
      )
    })
  const lane = async (): Promise<void> => {
    for (const item of queue) await begin(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await Promise.all(ends)
}
