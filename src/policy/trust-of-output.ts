import { doesOf, type Declared } from './declared.ts'

/**
 * How far an output can be trusted: what the app declared, the worst where it did not. What an effect gives back may repeat what it was given; once a stranger's
 * words are in the session, that is theirs too, or an agent could launder them through an action of its own.
 */
export const trustOfOutput = (declared: Declared, output: 'trusted' | 'untrusted' | undefined, tainted: boolean): 'trusted' | 'untrusted' =>
  output === 'trusted' && (doesOf(declared) === 'read' || !tainted) ? 'trusted' : 'untrusted'
