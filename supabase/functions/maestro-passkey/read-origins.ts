/**
 * The origins that passkeys may be made on, from `MAESTRO_ORIGINS`: `https://app.example,https://www.app.example`, each exactly as a browser
 * says it. Throws at start, in the deployment's log, when there is none or one is no origin: every enrolment would be refused, and nobody told why.
 */
export const readOrigins = (text: string | undefined): readonly string[] => {
  const origins = (text ?? '').split(',').flatMap((part) => part.trim() || [])
  if (origins.length === 0) throw new Error('MAESTRO_ORIGINS is not set: it lists the origins that passkeys may be made on')
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new Error(`MAESTRO_ORIGINS: "${origin}" is no origin, as in https://app.example`)
  }
  return origins
}
