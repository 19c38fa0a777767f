/**
 * Whether a Host header names this machine. A page of another site can point its own name at 127.0.0.1 (DNS rebinding);
 * its requests then carry that name here. Any port is fine: a proxy on the same machine may stand in front.
 */
export const isLoopbackHost = (host: string): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host)
