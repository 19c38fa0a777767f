/** A text as JSON; `undefined` when it is none. */
export const readJsonText = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
