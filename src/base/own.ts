/** What an object has under this name itself; never what every object has (`constructor` is nobody's name for anything). */
export const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(object, name) ? object[name] : undefined)
