/** Mutual exclusion across every worker of this origin, held for as long as `work` runs. */
export interface Lock {
  hold<T>(name: string, work: () => Promise<T>): Promise<T>
}

export type LockDep = { readonly lock: Lock }
