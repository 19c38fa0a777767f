import { own } from '../base/own.ts'
/** What an action does to the world. Absent in a declaration: the worst, `account`. */
export const DOES = ['read', 'read-external', 'write', 'send', 'money', 'destroy', 'account'] as const
export type Does = (typeof DOES)[number]

export const ROLES = ['target', 'object', 'amount', 'content', 'secret', 'time', 'detail'] as const
/** What a parameter means: where it goes, what it is done to, how much, what is said, what must stay secret, when. */
export type Role = (typeof ROLES)[number]

/** What policy knows of an action. Missing parts are read as the worst that they could be. */
export type Declared = {
  readonly name: string
  readonly does?: Does
  /** Without any roles every parameter counts as a target; a parameter left out of them counts as content. */
  readonly roles?: Readonly<Record<string, Role>>
  /** A write that stays on the device and can be undone: asked about only when nobody wanted it, or a stranger dictated it. */
  readonly stays?: boolean
}

export const doesOf = ({ does }: Declared): Does => (does !== undefined && DOES.includes(does) ? does : 'account')

export const roleOf = ({ roles }: Declared, param: string): Role => {
  if (roles === undefined || Object.keys(roles).length === 0) return 'target'
  const role = own(roles, param) ?? 'content'
  return role !== undefined && ROLES.includes(role) ? role : 'target'
}
