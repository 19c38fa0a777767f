import { ask } from '../ask.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

/** What `/maestro-health` says; disabled is degraded, not red: somebody decided it. */
export const health: Command = {
  describe: 'Is it healthy, disabled or unhealthy?',
  flags: { verbose: { type: 'boolean', description: 'The six metrics as well' } },
  examples: ['maestro health', 'maestro health --verbose --json', 'maestro health --url https://YOUR-PROJECT.supabase.co'],
  async run(context) {
    const target = await context.target()
    const { body, ms } = await ask(context.io, target, `/maestro-health${context.on('verbose') ? '?verbose' : ''}`, { also: [503] })
    const status = String(body['status'])
    const exit = status === 'healthy' ? EXIT.green : status === 'disabled' ? EXIT.degraded : EXIT.red
    const rest = Object.entries(body).filter(([name]) => name !== 'status')
    return {
      data: body,
      lines: [`${status}  ${target.url}  ${Math.round(ms)} ms`, ...rest.map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)],
      exit,
    }
  },
}
