import type postgres from 'postgres'
import type { Answer, Command, Context } from '../command.ts'
import { confirmed, confirmFlag } from '../confirm.ts'
import { withDatabase } from '../database.ts'
import { EXIT } from '../exit-codes.ts'
import { Fault } from '../fault.ts'
import { packageFile } from '../package-root.ts'

const DATABASE = {
  'database-url-file': {
    type: 'string',
    description: 'File with the database’s address (DATABASE_URL; a running local stack’s by default)',
    valueHint: 'path',
  },
  print: { type: 'boolean', description: 'Only print the script, for psql' },
} as const

type Standing = readonly { readonly name: string; readonly comment: string | null }[]

/** What stands once the script is done; null when that cannot be read, which undoes nothing. */
const standing = (sql: postgres.Sql): Promise<Standing | null> =>
  sql<{ name: string; comment: string | null }[]>`select relname as name, obj_description(oid, 'pg_class') as comment
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname like 'maestro\\_%' order by relname`.then(
    (rows) => Array.from(rows),
    () => null,
  )

/** The script's own refusal, `MA002`: MAESTRO is not stopped there. */
const refused = (error: unknown): never => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'MA002') throw error
  throw new Fault(
    EXIT.refused,
    'STILL_ENABLED',
    `${error.message}. Nothing was changed. Stop it first (maestro kill set kill), then verify (maestro rollback verify).`,
  )
}

const printed = async (path: string): Promise<Answer> => {
  const script = await packageFile(path)
  return { data: { path, script }, lines: script.trimEnd().split('\n') }
}

const perform = async (context: Context, path: string, agree: (name: string) => void): Promise<Answer> => {
  const script = await packageFile(path)
  let database = ''
  const began = context.io.now()
  const tables = await withDatabase(
    context,
    (name) => {
      agree(name)
      database = name
    },
    async (sql) => {
      await sql.unsafe(script).simple().catch(refused)
      return standing(sql)
    },
  )
  const ms = Math.round(context.io.now() - began)
  const now = tables === null ? 'not known, it stopped answering' : tables.map(({ name }) => name).join(', ') || 'none'
  return { data: { script: path, database, ms, tables }, lines: [`${path} ran on ${database} in ${ms} ms; MAESTRO tables now: ${now}`] }
}

export const rollbackDrop: Command = {
  describe: 'Phase 3: drops everything of MAESTRO’s from the database, and nothing else; refused unless it is stopped there. May be repeated',
  flags: {
    ...DATABASE,
    confirm: {
      type: 'string',
      description: 'Which database, as this command names it when the word is missing: user@host:port/database, or nothing is done',
      valueHint: 'database',
    },
  },
  examples: [
    'maestro audit export --tenant TENANT --out audit.jsonl   # first, of each tenant',
    'maestro rollback drop-database   # says which database it would be, and drops nothing',
    'maestro rollback drop-database --confirm postgres@db.YOUR-PROJECT.supabase.co:5432/postgres',
    'maestro rollback drop-database --print > drop.sql   # for psql --file drop.sql',
  ],
  async run(context) {
    const path = 'supabase/ops/rollback-drop.sql'
    if (context.on('print')) return printed(path)
    return perform(context, path, (name) =>
      confirmed(
        context,
        name,
        `This drops MAESTRO’s tables from the database ${name}: receipts, audit and sealed records are gone, and old keys can then be used again.`,
      ),
    )
  },
}

export const rollbackInert: Command = {
  describe: 'Instead of phase 3: keeps the tables and writes INERT on them; --undo takes it off',
  flags: { ...DATABASE, confirm: confirmFlag('inert'), undo: { type: 'boolean', description: 'Takes the comments off again' } },
  examples: ['maestro rollback inert --confirm inert', 'maestro rollback inert --undo --confirm inert'],
  async run(context) {
    const path = context.on('undo') ? 'supabase/ops/rollback-active.sql' : 'supabase/ops/rollback-inert.sql'
    if (context.on('print')) return printed(path)
    return perform(context, path, (name) => confirmed(context, 'inert', `This comments MAESTRO’s tables in the database ${name}.`))
  },
}
