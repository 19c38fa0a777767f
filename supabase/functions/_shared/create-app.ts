import { Hono } from 'hono'
import { refuse } from './answer.ts'
import { faultAnswer } from './database-fault.ts'
import type { KillVersion } from './kill-version.ts'

/** What the local stack, Deno and tests call. */
export type Handler = { fetch(request: Request): Promise<Response> }

type Options = {
  /** The function's name, which is also the first segment of its path. */
  readonly name: string
  readonly killVersion: KillVersion
  readonly log: (line: string) => void
}

/** A function's Hono app: JSON for every failure, and the kill version on every answer. */
export const createApp = ({ name, killVersion, log }: Options): Hono => {
  const app = new Hono().basePath(`/${name}`)
  app.use('*', async (context, next) => {
    await next()
    context.header('x-maestro-kill-version', String(await killVersion.read()))
  })
  app.onError((error) => {
    log(`${name}: ${error.name} ${'code' in error ? String(error.code) : ''}`)
    return faultAnswer(error)
  })
  app.notFound(() => refuse(404, 'ROUTE_UNKNOWN', 'There is no such route.'))
  return app
}
