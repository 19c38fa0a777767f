import type { Sql } from 'postgres'
import type { ReplayStore, Use, Used } from '../../server/index.ts'

/** Uses that ended are swept at every so many new ones. */
const SWEEP_EVERY = 1_000

/** Remembers in PostgreSQL which calls were used: for all processes of the back end, and across their restarts. */
export const openReceiptStore = async (sql: Sql): Promise<ReplayStore> => {
  await sql.unsafe(`
    set client_min_messages to warning;
    create schema if not exists demo;
    create table if not exists demo.used_receipts (
      owner text not null,
      nonce text not null,
      digest text not null,
      kept_until timestamptz not null,
      primary key (owner, nonce)
    );
    reset client_min_messages;
  `)
  let taken = 0

  const look = async ({ owner, nonce, digest }: Use): Promise<Used> => {
    const [known] = await sql<{ digest: string }[]>`select digest from demo.used_receipts where owner = ${owner} and nonce = ${nonce}`
    return known === undefined ? 'never' : known.digest === digest ? 'again' : 'otherwise'
  }

  return {
    look,
    async take(use) {
      const { owner, nonce, digest, keptUntil } = use
      if (++taken % SWEEP_EVERY === 0) await sql`delete from demo.used_receipts where kept_until < now()`
      const made = await sql`
        insert into demo.used_receipts (owner, nonce, digest, kept_until) values (${owner}, ${nonce}, ${digest}, ${new Date(keptUntil)})
        on conflict do nothing returning nonce`
      return made.count === 1 ? 'never' : look(use)
    },
  }
}
