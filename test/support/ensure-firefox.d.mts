export declare const ensureFirefox: () => string
export declare const findFirefox: () => string | null
