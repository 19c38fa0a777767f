export declare const findChromium: (env?: Readonly<Record<string, string | undefined>>) => string | null
export declare const ensureChromium: () => string
