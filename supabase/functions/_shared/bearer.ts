/** The bearer token of a request, or null. The scheme's case does not matter (RFC 9110 section 11.1). */
export const bearer = (request: Request): string | null => /^bearer +([\w\-.~+/]+=*)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null
