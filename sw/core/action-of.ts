import type { ActionDeclaration, Actions } from '../ports/action.ts'

/** What an app declared under this name; never what every object has (`constructor` is no action). */
export const actionOf = (actions: Actions, name: string): ActionDeclaration | undefined => (Object.hasOwn(actions, name) ? actions[name] : undefined)
