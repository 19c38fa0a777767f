import type { Sql } from 'postgres'
import { digestJson } from '../../base/digest.ts'
import { FILES } from '../actions/files.ts'
import type { DemoAction, DemoParams } from './demo-actions.ts'

export type Asked = {
  readonly tenant: string
  readonly principal: string
  readonly key: string
  readonly action: DemoAction
  readonly params: DemoParams
}

export type Effect = { readonly idempotency_key: string; readonly action: string; readonly params: DemoParams; readonly applied_at: string }

/** `repeated` is the first answer again; the other outcomes changed nothing. */
export type Applied =
  | { readonly outcome: 'applied' | 'repeated'; readonly id: string; readonly appliedAt: string }
  | { readonly outcome: 'key-reused' | 'file-unknown' | 'file-gone' }

export type EffectStore = {
  apply(asked: Asked): Promise<Applied>
  /** Many of one caller in one transaction, answered in the order asked. Not for files: deleting one may fail, and would undo its neighbours. */
  applyAll(owner: Pick<Asked, 'tenant' | 'principal'>, asked: readonly Asked[]): Promise<readonly Applied[]>
  list(): Promise<readonly Effect[]>
}

type Row = {
  readonly idempotency_key: string
  readonly id: string
  readonly action: string
  readonly params_digest: string
  readonly applied_at: Date
}

class FileGone extends Error {}

/** The first answer again, if it was for the same thing. */
const again = (first: Row | undefined, action: DemoAction, digest: string): Applied =>
  first === undefined || first.action !== action || first.params_digest !== digest
    ? { outcome: 'key-reused' }
    : { outcome: 'repeated', id: first.id, appliedAt: first.applied_at.toISOString() }

/**
 * What the demo's back end did. The key and the effect commit in one transaction: whoever asks again with the same key gets the
 * first answer, whether or not it ever arrived. A second asker waits for the first one's commit on the primary key.
 */
export const openEffectStore = async (sql: Sql): Promise<EffectStore> => {
  await sql.unsafe(`
    set client_min_messages to warning;
    create schema if not exists demo;
    create table if not exists demo.effects (
      serial bigint generated always as identity,
      tenant text not null,
      principal text not null,
      idempotency_key text not null,
      id uuid not null default gen_random_uuid(),
      action text not null,
      params json not null,
      params_digest text not null,
      applied_at timestamptz not null default clock_timestamp(),
      primary key (tenant, principal, idempotency_key)
    );
    create table if not exists demo.deleted_files (tenant text not null, file_id text not null, primary key (tenant, file_id));
    reset client_min_messages;
  `)

  const apply = (asked: Asked): Promise<Applied> =>
    sql.begin(async (tx): Promise<Applied> => {
      const { tenant, principal, key, action, params } = asked
      const digest = digestJson(params)
      const [made] = await tx<Row[]>`
        insert into demo.effects (tenant, principal, idempotency_key, action, params, params_digest)
        values (${tenant}, ${principal}, ${key}, ${action}, ${JSON.stringify(params)}::text::json, ${digest})
        on conflict do nothing
        returning idempotency_key, id, action, params_digest, applied_at`
      if (made === undefined) {
        const [first] = await tx<Row[]>`
          select idempotency_key, id, action, params_digest, applied_at from demo.effects
          where tenant = ${tenant} and principal = ${principal} and idempotency_key = ${key}`
        return again(first, action, digest)
      }
      if ('id' in params) {
        const gone = await tx`insert into demo.deleted_files (tenant, file_id) values (${tenant}, ${params.id}) on conflict do nothing`
        if (gone.count === 0) throw new FileGone()
      }
      return { outcome: 'applied', id: made.id, appliedAt: made.applied_at.toISOString() }
    }) as Promise<Applied>

  const applyAll: EffectStore['applyAll'] = ({ tenant, principal }, asked) =>
    sql.begin(async (tx): Promise<Applied[]> => {
      const digested = asked.map((one) => ({ ...one, digest: digestJson(one.params) }))
      const seen = new Set<string>()
      const firsts = digested.filter(({ key }) => !seen.has(key) && seen.add(key))
      const keys = firsts.map(({ key }) => key)
      // One batch of a caller after the other, so that two with the same keys in other orders do not wait for each other.
      const [, made, known] = await Promise.all([
        tx`select pg_advisory_xact_lock(hashtext('demo.effects'), hashtext(${`${tenant}\n${principal}`}))`,
        tx<Row[]>`
          insert into demo.effects (tenant, principal, idempotency_key, action, params, params_digest)
          select ${tenant}, ${principal}, one.key, one.action, one.params::json, one.digest
          from unnest(${keys}::text[], ${firsts.map(({ action }) => action)}::text[],
            ${firsts.map(({ params }) => JSON.stringify(params))}::text[], ${firsts.map(({ digest }) => digest)}::text[])
            with ordinality as one(key, action, params, digest, place)
          order by one.place
          on conflict do nothing
          returning idempotency_key, id, action, params_digest, applied_at`,
        tx<Row[]>`
          select idempotency_key, id, action, params_digest, applied_at from demo.effects
          where tenant = ${tenant} and principal = ${principal} and idempotency_key = any(${keys}::text[])`,
      ])
      const fresh = new Set(made.map((row) => row.idempotency_key))
      const rows = new Map(known.map((row) => [row.idempotency_key, row]))
      return digested.map(({ key, action, digest }): Applied => {
        const told = again(rows.get(key), action, digest)
        return told.outcome === 'repeated' && fresh.delete(key) ? { ...told, outcome: 'applied' } : told
      })
    }) as Promise<Applied[]>

  return {
    applyAll,
    apply: async (asked) => {
      if ('id' in asked.params && !FILES.some(({ id }) => 'id' in asked.params && id === asked.params.id)) return { outcome: 'file-unknown' }
      try {
        return await apply(asked)
      } catch (error) {
        if (error instanceof FileGone) return { outcome: 'file-gone' }
        throw error
      }
    },
    list: async () => {
      const rows = await sql<{ idempotency_key: string; action: string; params: DemoParams; applied_at: Date }[]>`
        select idempotency_key, action, params, applied_at from demo.effects order by serial`
      return rows.map((row) => ({ ...row, applied_at: row.applied_at.toISOString() }))
    },
  }
}
