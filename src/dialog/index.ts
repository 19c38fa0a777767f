/** The publishable floor of MAN mode's dialog. */
export { MaestroApprovals } from './approvals-element.ts'
export { defineMaestroApprovals } from './define.ts'
