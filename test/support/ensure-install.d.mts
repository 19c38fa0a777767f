export declare const isInstalled: (root: string) => boolean
export declare const ensureInstall: (root: string) => void
