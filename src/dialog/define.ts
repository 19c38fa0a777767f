import { MaestroApprovals } from './approvals-element.ts'

/** Registers `<maestro-approvals>`; harmless when called again. */
export const defineMaestroApprovals = (): void => {
  if (customElements.get('maestro-approvals') === undefined) customElements.define('maestro-approvals', MaestroApprovals)
}
