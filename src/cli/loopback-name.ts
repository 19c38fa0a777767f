/** Names and addresses that mean this machine or a private network, and so never a production server. */
const PRIVATE =
  /^(localhost|.*\.localhost|.*\.local|0\.0\.0\.0|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|169\.254(\.\d+){2}|\[::1?\]|\[f[cd].*\]|\[fe80.*\])$/i

export const isLoopbackName = (hostname: string): boolean => PRIVATE.test(hostname)
