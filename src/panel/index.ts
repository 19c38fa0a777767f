/** The publishable floor of the outbox panel and the sign-out guard: `maestro-sw/panel`. */
export { MaestroOutbox } from './outbox-element.ts'
export { defineMaestroOutbox } from './define.ts'
export { confirmSignOut, type SignOutChoice } from './confirm-sign-out.ts'
export type { EditField, OutboxOptions } from './options.ts'
export type { OutboxSource } from './source.ts'
