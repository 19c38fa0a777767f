/** Whom the local stack knows; a person's password is the person's name. */
export const PEOPLE: readonly string[] = ['demo', 'ben']
