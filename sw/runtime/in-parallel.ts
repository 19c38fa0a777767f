/** Works through a list, so many at a time; one that fails is its own affair. */
export async function inParallel<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item).catch(() => undefined)
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
}
