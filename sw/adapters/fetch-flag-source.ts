import * as LIMITS from '../../src/protocol/limits.ts'
import type { FlagSource } from '../ports/flag-source.ts'
import { readJson } from './read-json.ts'
import { request } from './request.ts'

/** Flags by `fetch`, past the HTTP cache, with a bounded wait. */
export function createFetchFlagSource(base: string | null): FlagSource {
  const read = async (url: string): Promise<unknown> => {
    try {
      const response = await request(url, LIMITS.flagTimeoutMs)
      return response.ok ? await readJson(response, LIMITS.flagBytesMax) : undefined
    } catch {
      return undefined
    }
  }
  return {
    fetchStatic: () => read('/maestro-flag.json'),
    fetchDocument: async () => (base === null ? undefined : read(`${base}/functions/v1/maestro-flag`)),
  }
}
