import type { Answer, Command, Context } from '../command.ts'
import { confirmed, confirmFlag } from '../confirm.ts'
import { withDatabase } from '../database.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { ask } from '../ask.ts'
import { packageFile } from '../package-root.ts'

const DATABASE = {
  'database-url-file': {
    type: 'string',
    description: 'File with the database’s address (DATABASE_URL; a running local stack’s by default)',
    valueHint: 'path',
  },
  print: { type: 'boolean', description: 'Only print the script, for psql' },
} as const

const perform = async (context: Context, path: string): Promise<Answer> => {
  const script = await packageFile(path)
  if (context.on('print')) return { data: { path, script }, lines: script.trimEnd().split('\n') }
  const began = context.io.now()
  await withDatabase(context, (sql) => sql.unsafe(script).simple())
  const tables = await withDatabase(
    context,
    (sql) => sql<{ name: string; comment: string | null }[]>`select relname as name, obj_description(oid, 'pg_class') as comment
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname like 'maestro\\_%' order by relname`,
  )
  const ms = Math.round(context.io.now() - began)
  return {
    data: { script: path, ms, tables: Array.from(tables) },
    lines: [`${path} ran in ${ms} ms; MAESTRO tables now: ${tables.map(({ name }) => name).join(', ') || 'none'}`],
  }
}

/** Refuses while clients still run: their next claim would fail on a table that is gone. */
const stoppedFirst = async (context: Context): Promise<void> => {
  const health = await ask(context.io, await context.target(), '/maestro-health', { also: [503] }).catch(() => null)
  if (health?.body['status'] === 'healthy')
    throw new Fault(
      EXIT.refused,
      'STILL_ENABLED',
      'MAESTRO is enabled and healthy. Stop it first (maestro kill set kill), then verify (maestro rollback verify).',
    )
}

export const rollbackDrop: Command = {
  describe: 'Phase 3: drops everything of MAESTRO’s from the database, and nothing else. May be repeated',
  flags: { ...DATABASE, confirm: confirmFlag('drop') },
  examples: [
    'maestro audit export --out audit.jsonl   # first',
    'maestro rollback drop-database --confirm drop',
    'maestro rollback drop-database --print | psql "$DATABASE_URL"',
  ],
  async run(context) {
    if (!context.on('print')) {
      confirmed(context, 'drop', 'This drops MAESTRO’s tables: receipts, audit and sealed records are gone, and old keys can then be used again.')
      await stoppedFirst(context)
    }
    return perform(context, 'supabase/ops/rollback-drop.sql')
  },
}

export const rollbackInert: Command = {
  describe: 'Instead of phase 3: keeps the tables and writes INERT on them; --undo takes it off',
  flags: { ...DATABASE, confirm: confirmFlag('inert'), undo: { type: 'boolean', description: 'Takes the comments off again' } },
  examples: ['maestro rollback inert --confirm inert', 'maestro rollback inert --undo --confirm inert'],
  async run(context) {
    if (!context.on('print')) confirmed(context, 'inert', 'This comments MAESTRO’s tables in the database.')
    return perform(context, context.on('undo') ? 'supabase/ops/rollback-active.sql' : 'supabase/ops/rollback-inert.sql')
  },
}
