/** What survives deletion of every database: the newest kill document and whether a disabled build was seen. Parsed by the reader. */
export interface GateStore {
  load(): Promise<unknown>
  /** Resolves when stored; a document is persisted before it is used. */
  save(value: unknown): Promise<void>
}

export type GateStoreDep = { readonly gateStore: GateStore }
