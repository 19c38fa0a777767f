import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT } from './exit-codes.ts'
import { Fault } from './fault.ts'
import { packageRoot } from './package-root.ts'

const NAME = /^(\d{14})_maestro_\w+\.sql$/

export type MigrationState = { readonly missing: readonly string[]; readonly unknown: readonly string[] }

/** This package's migrations against what a database recorded (versions); nothing recorded means all are missing. */
export const migrationState = async (recorded: unknown): Promise<MigrationState> => {
  const names = await readdir(join(packageRoot(), 'supabase', 'migrations')).catch(() => {
    throw new Fault(EXIT.red, 'PACKAGE_BROKEN', 'The package’s folder supabase/migrations is missing. Install it again.')
  })
  const ours = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).toSorted()
  const there = new Set(Array.isArray(recorded) ? recorded.map(String) : [])
  return { missing: ours.filter((version) => !there.has(version)), unknown: [...there].filter((version) => !ours.includes(version)) }
}
