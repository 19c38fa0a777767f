type Wanted = {
  /** As people call it. */
  readonly title: string
  /** The environment variable that may name its executable. */
  readonly variable: string
  /** Its Debian package. */
  readonly debian: string
  /** Names of its executable, the best first. */
  readonly names: readonly string[]
  /** Folders beside the PATH. */
  readonly usual: readonly string[]
}

export declare const findBrowser: (wanted: Wanted, env?: Readonly<Record<string, string | undefined>>) => string | null
export declare const ensureBrowser: (wanted: Wanted) => string
