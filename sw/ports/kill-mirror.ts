/**
 * The gate's second memory, beside Cache Storage, so that clearing either forgets nothing. It never makes a database: where there is none,
 * there is nothing that could run.
 */
export interface KillMirror {
  load(): Promise<unknown>
  save(value: unknown): Promise<void>
}
