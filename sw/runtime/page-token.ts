import { err, ok } from '../../src/base/result.ts'
import { failure } from '../../src/protocol/failure.ts'
import * as v from '../../src/protocol/schema.ts'
import type { Kit } from './kit.ts'

/**
 * The command `accessToken`: `{ token }`, usable for a minute or more, of whoever is signed in. `SIGNED_OUT` while nobody is, `AUTH_FAILED` while
 * there is none to be had: the network is away, or the person has to sign in again. The refresh token never leaves the worker.
 */
export const createPageToken: Kit = (host) => ({
  commands: {
    accessToken: {
      args: v.strictObject({}),
      async run() {
        const principal = host.principal()
        if (!principal) return err(failure('SIGNED_OUT', 'nobody is signed in'))
        const token = await host.token(principal)
        return token === null ? err(failure('AUTH_FAILED', 'there is no usable token now')) : ok({ token })
      },
    },
  },
})
