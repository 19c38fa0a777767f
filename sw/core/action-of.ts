import { own } from '../../src/base/own.ts'
import type { ActionDeclaration, Actions, Effect, HttpEffectDeclaration } from '../ports/action.ts'
import type { ReceiptRecord } from './receipt-record.ts'

/** What an app declared under this name. */
export const actionOf: (actions: Actions, name: string) => ActionDeclaration | undefined = own

/** What this build declares for a receipt, at the version it was asked for; another version is another action. */
export const declaredOf = (actions: Actions, { call }: ReceiptRecord): ActionDeclaration | undefined => {
  const declared = actionOf(actions, call.action)
  return declared?.version === call.version ? declared : undefined
}

/** Whether the far end itself makes two of one key one; where it does not, only the shared ledger keeps two devices apart. */
export const isKeyed = (effect: Effect | undefined): effect is HttpEffectDeclaration & { readonly keyed: true } =>
  effect?.kind === 'http' && effect.keyed
