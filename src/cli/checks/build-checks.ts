import { isLoopbackName } from '../loopback-name.ts'
import { parseUrl } from '../parse-url.ts'
import { fail, pass, skip } from './check.ts'
import type { Check } from './check.ts'

/** What the build was told, before anything is deployed. */
export const BUILD_CHECKS: readonly Check[] = [
  {
    name: 'flag',
    rows: ['0-21', '1-51', '2-25'],
    asks: 'VITE_MAESTRO_ENABLED is what this stage needs',
    async run({ stage, build }) {
      const value = build['VITE_MAESTRO_ENABLED']
      const said = value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`
      if (stage === 'staging')
        return value === 'true' ? fail('it is "true": in staging it is off until the tests have passed') : pass(`VITE_MAESTRO_ENABLED ${said}: off`)
      return value === 'true' ? pass('VITE_MAESTRO_ENABLED is exactly "true"') : fail(`VITE_MAESTRO_ENABLED ${said}; only the text true enables`)
    },
  },
  {
    name: 'url',
    rows: ['0-22'],
    asks: 'VITE_SUPABASE_URL is the production address',
    async run({ stage, build }) {
      if (stage === 'local') return skip('a local stack serves pages and functions from one address')
      const text = build['VITE_SUPABASE_URL'] ?? ''
      const url = parseUrl(text)
      if (text === '') return fail('VITE_SUPABASE_URL is not set; nothing falls back to localhost')
      if (url === null) return fail(`VITE_SUPABASE_URL is no address: ${JSON.stringify(text)}`)
      if (url.protocol !== 'https:') return fail(`VITE_SUPABASE_URL is not https: ${url.origin}`)
      return isLoopbackName(url.hostname) ? fail(`VITE_SUPABASE_URL is this machine or a private network: ${url.hostname}`) : pass(url.origin)
    },
  },
]
