import { MaestroOutbox } from './outbox-element.ts'

/** Registers `<maestro-outbox>`; harmless when called again. */
export const defineMaestroOutbox = (): void => {
  if (customElements.get('maestro-outbox') === undefined) customElements.define('maestro-outbox', MaestroOutbox)
}
