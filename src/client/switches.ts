/** The two switches that a page can see: its build's variable, and `window.MAESTRO_ENABLED`, which can only disable. */
declare global {
  interface ImportMeta {
    readonly env?: Readonly<Record<string, string | undefined>>
  }
  interface Window {
    MAESTRO_ENABLED?: boolean
  }
}

/** Only the text `true` enables; a bundler that knows no such variable leaves MAESTRO off. */
export const isBuiltOn = (): boolean => import.meta.env?.VITE_MAESTRO_ENABLED === 'true'

/** Read at every call: a script injected late still stops what comes after it. */
export const isWindowOff = (): boolean => window.MAESTRO_ENABLED === false

export const DISABLED_TEXT = {
  env: '[MAESTRO] Disabled by VITE_MAESTRO_ENABLED=false',
  window: '[MAESTRO] Disabled by window.MAESTRO_ENABLED=false',
} as const
