import { DOES, doesOf, type Declared } from './declared.ts'

/**
 * How far an output can be trusted: what the app declared, the worst where it did not. What an effect gives back may repeat what it was given; once a stranger's
 * words are in the session, that is theirs too, or an agent could launder them through an action of its own.
 */
export const trustOfOutput = (declared: Declared, output: 'trusted' | 'untrusted' | undefined, tainted: boolean): 'trusted' | 'untrusted' =>
  output === 'trusted' && (doesOf(declared) === 'read' || !tainted) ? 'trusted' : 'untrusted'

/**
 * Whether names and ids in a structured output are the app's own. What comes from outside, or from nobody knows where, is a stranger's down to its structure: he
 * names things and gives them ids.
 */
export const isAppsStructure = (declared: Declared, output: 'trusted' | 'untrusted' | undefined): boolean =>
  output === 'trusted' || (declared.does !== undefined && doesOf(declared) !== 'read-external' && DOES.includes(declared.does))
