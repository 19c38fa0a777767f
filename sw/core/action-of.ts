import type { ActionDeclaration, Actions } from '../ports/action.ts'
import type { ReceiptRecord } from './receipt-record.ts'

/** What an app declared under this name; never what every object has (`constructor` is no action). */
export const actionOf = (actions: Actions, name: string): ActionDeclaration | undefined => (Object.hasOwn(actions, name) ? actions[name] : undefined)

/** What this build declares for a receipt, at the version it was asked for; another version is another action. */
export const declaredOf = (actions: Actions, { call }: ReceiptRecord): ActionDeclaration | undefined => {
  const declared = actionOf(actions, call.action)
  return declared?.version === call.version ? declared : undefined
}
