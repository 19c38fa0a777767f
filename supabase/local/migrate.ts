import { readdir, readFile } from 'node:fs/promises'
import type postgres from 'postgres'

/** Serialises two stacks that prepare one database at once; any constant number does. */
const LOCK = 20_260_120

const MIGRATIONS = new URL('../migrations/', import.meta.url)
const NAME = /^(\d{14})_(\w+)\.sql$/
const TABLE = /^create table if not exists (public\.\w+)/gm

/** Whether every table that the migration creates is there: an operator may have dropped them by the rollback guide. */
const standing = async (tx: postgres.ISql, text: string): Promise<boolean> => {
  const tables = Array.from(text.matchAll(TABLE), ([, table]) => table ?? '')
  const [row] = await tx<{ gone: number }[]>`select count(*)::int as gone from unnest(${tables}::text[]) as t(name) where to_regclass(t.name) is null`
  return row?.gone === 0
}

/**
 * Makes the roles and runs the migrations that were not recorded yet, in order, all in one transaction; records them where the Supabase CLI does.
 * When a table that a recorded migration made is gone, every migration runs again: each may be run on what it has made before.
 */
export const migrate = async (sql: postgres.Sql): Promise<readonly string[]> => {
  const roles = await readFile(new URL('./roles.sql', import.meta.url), 'utf8')
  const names = (await readdir(MIGRATIONS)).filter((name) => NAME.test(name)).toSorted()
  const files = await Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(name, MIGRATIONS), 'utf8') })))

  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCK})`
    await tx.unsafe(roles).simple()
    const recorded = await tx<{ version: string }[]>`select version from supabase_migrations.schema_migrations`
    const known = new Set(recorded.map(({ version }) => version))
    const due = files.filter(({ name }) => !known.has(name.slice(0, 14)))
    const whole = await standing(
      tx,
      files
        .filter((file) => !due.includes(file))
        .map(({ text }) => text)
        .join('\n'),
    )
    const todo = whole ? due : files
    for (const { name, text } of todo) {
      await tx.unsafe(text).simple()
      const [, version = '', title = ''] = NAME.exec(name) ?? []
      await tx`insert into supabase_migrations.schema_migrations (version, name) values (${version}, ${title}) on conflict (version) do nothing`
    }
    return todo.map(({ name }) => name)
  })
}
