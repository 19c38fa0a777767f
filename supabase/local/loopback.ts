const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

/** Whether a request names this machine. A page of a foreign name that resolves to 127.0.0.1 (DNS rebinding) does not. */
export const isLoopback = (request: Request): boolean =>
  LOOPBACK.test(new URL(request.url).host) && LOOPBACK.test(request.headers.get('host') ?? new URL(request.url).host)
