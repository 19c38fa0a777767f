import { ANSWERS } from './answers.ts'
import { COMMANDS } from './commands.ts'
import { FAILURES } from './failure.ts'
import { PROTOCOL } from './version.ts'
import { LANES, STATUSES } from './views.ts'

/** Schemas as data: everything but functions, so that two descriptions are equal exactly when the shapes are. */
const shapeOf = (value: unknown): unknown => {
  if (value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return value.map(shapeOf)
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.startsWith('~') && name !== 'reference' && name !== 'expects')
      .map(([name, member]) => [name, shapeOf(member)]),
  )
}

/** The protocol as text, for the test that forces a new number when a shape changes. */
export const describeProtocol = (): string =>
  JSON.stringify(
    { protocol: PROTOCOL, statuses: STATUSES, lanes: LANES, failures: FAILURES, commands: shapeOf(COMMANDS), answers: shapeOf(ANSWERS) },
    null,
    1,
  )
