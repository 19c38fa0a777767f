import { ask } from '../ask.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

/** A device reports with its syncs: none for a day means the figures are of a past that may be over. */
const STALE_S = 86_400

/** The six metrics and the alerts' windows, with what each covers. */
export const metrics: Command = {
  describe: 'The six metrics, and the windows alerts are judged on',
  examples: ['maestro metrics', 'maestro metrics --json', 'curl https://YOUR-SITE/metrics   # the same as Prometheus text'],
  async run(context) {
    const target = await context.target()
    const verbose = await ask(context.io, target, '/maestro-health?verbose', { also: [503] })
    const { body: signals } = await ask(context.io, target, '/maestro-health/ops/signals', { operator: true })
    const { status, version, ...six } = verbose.body
    const age = signals['last_report_s']
    const stale = typeof age === 'number' && age > STALE_S
    const lines = Object.entries({ ...six, ...signals }).map(
      ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
    return {
      data: { status, version, metrics: six, signals, stale },
      lines: [
        ...lines,
        'Counts are since midnight UTC; a rate of null means nobody tried.',
        ...(stale ? ['No device has reported for more than a day.'] : []),
      ],
      exit: verbose.status === 503 ? EXIT.red : stale ? EXIT.stale : EXIT.green,
    }
  },
}
