import { ask } from '../ask.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { migrationState } from '../migration-state.ts'

/** Which of this package's migrations are recorded there, which tables stand, and what they hold. */
export const dbStatus: Command = {
  describe: 'Migrations, tables, counts and size',
  examples: ['maestro db status', 'maestro db status --json'],
  async run(context) {
    const { body } = await ask(context.io, await context.target(), '/maestro-health/ops/state', { operator: true })
    const { missing, unknown } = await migrationState(body['migrations'])
    const lines = [
      missing.length === 0 ? 'migrations: all recorded' : `migrations missing: ${missing.join(', ')} (supabase db push --include-all)`,
      ...(unknown.length === 0 ? [] : [`recorded, but newer than this package: ${unknown.join(', ')}`]),
      `tables: ${JSON.stringify(body['tables'])}`,
      `receipts: ${JSON.stringify(body['receipts'] ?? 'not known')}`,
      `audit entries in the last hour: ${String(body['audit_last_hour'] ?? 'not known')}`,
      `size: ${String(body['size'] ?? 'not known')}`,
    ]
    return { data: { ...body, missing, unknown }, lines, exit: missing.length > 0 ? EXIT.red : unknown.length > 0 ? EXIT.stale : EXIT.green }
  },
}
