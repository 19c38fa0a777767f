import { refuse } from '../functions/_shared/answer.ts'
import { isLoopback } from './loopback.ts'

type Route = { readonly fetch: (request: Request) => Response | Promise<Response> }

export type GatewayRoutes = {
  readonly auth: Route
  /** By the function's name. */
  readonly functions: Readonly<Record<string, Route>>
}

const moved = (request: Request, pathname: string): Request => {
  const url = new URL(request.url)
  url.pathname = pathname
  return new Request(url, {
    method: request.method,
    headers: request.headers,
    signal: request.signal,
    ...(request.body === null ? {} : { body: request.body, duplex: 'half' }),
  })
}

/** The public names that a host rewrites to functions. */
const rewritten = (pathname: string): string => {
  if (pathname === '/maestro-health' || pathname === '/health') return '/functions/v1/maestro-health'
  if (pathname === '/metrics') return '/functions/v1/maestro-health/metrics'
  if (pathname === '/api/maestro/v1/runs') return '/functions/v1/maestro-sync/runs'
  return pathname.startsWith('/maestro-health/') ? `/functions/v1${pathname}` : pathname
}

/**
 * The narrow door in front of the local stack: answers its own routes, null for all others. Refuses hosts that are not this machine
 * (DNS rebinding) with 421 for any path, and sends no CORS header, so other origins read nothing.
 */
export const createGateway =
  ({ auth, functions }: GatewayRoutes) =>
  async (request: Request): Promise<Response | null> => {
    if (!isLoopback(request)) return refuse(421, 'HOST_REFUSED', 'Only localhost is served here.')
    const { pathname } = new URL(request.url)
    const path = rewritten(pathname)
    if (path.startsWith('/auth/v1/')) return auth.fetch(request)
    if (!path.startsWith('/functions/v1/')) return null
    const target = path.slice('/functions/v1'.length)
    const name = target.split('/')[1] ?? ''
    const handler = Object.hasOwn(functions, name) ? functions[name] : undefined
    return handler === undefined ? refuse(404, 'ROUTE_UNKNOWN', 'There is no such function.') : handler.fetch(moved(request, target))
  }
