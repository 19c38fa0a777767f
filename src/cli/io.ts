/** Everything of the machine that commands touch, so that they run in a test as in a terminal. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  out(text: string): void
  err(text: string): void
  readonly fetch: typeof fetch
  /** Epoch milliseconds. */
  now(): number
}
