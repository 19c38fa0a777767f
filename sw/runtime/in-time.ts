import { hookMs } from '../../src/protocol/limits.ts'

/** What others answer (a kit, the browser), or a rejection when that takes too long. */
export async function inTime<T>(ask: () => T): Promise<Awaited<T>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  return Promise.race([ask(), new Promise<never>((_, reject) => (timer = setTimeout(reject, hookMs)))]).finally(() => clearTimeout(timer))
}
