/** What a bundler put in the place of `import.meta.env` at build time. */
declare global {
  interface ImportMeta {
    readonly env?: Readonly<Record<string, string | undefined>>
  }
}

/** The build's switch. Only the text `true` enables; a bundler that knows no such variable leaves it off. */
export const buildSwitch = (): string | undefined => import.meta.env?.VITE_MAESTRO_ENABLED
