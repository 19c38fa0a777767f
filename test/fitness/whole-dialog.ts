/** The dialog with everything it fetches later: what a page weighs in the end. Only measured, never run. */
export { openRequestList } from '../../src/dialog/request-list.ts'
export { visibleText } from '../../src/dialog/visible-text.ts'
export { ready } from '../../src/dialog/draw-approval.ts'
export { MaestroApprovals, defineMaestroApprovals } from '../../src/dialog/index.ts'
