/**
 * What Supabase's database advisors look at (`supabase db advisors`; their names are kept), asked of the catalogue of any PostgreSQL:
 * that command needs a project, this needs none. Each gives the names of what is at fault.
 */
const OURS = `n.nspname = 'public' and c.relname like 'maestro%'`

/** Columns that an index leads with, for a foreign key to be looked up by. */
const UNINDEXED = `
  select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OURS} and k.contype = 'f' and not exists (
    select from pg_index i where i.indrelid = k.conrelid and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`

const DUPLICATES = `
  select string_agg(c.relname, ', ') from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OURS} group by i.indrelid, i.indkey, i.indclass, i.indpred::text, i.indexprs::text having count(*) > 1`

/** Two policies of one action for one role are both evaluated for every row. */
const MULTIPLE = `
  select c.relname from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace,
    unnest(p.polroles) as role, unnest(case p.polcmd when '*' then '{r,a,w,d}'::text[] else array[p.polcmd::text] end) as command
  where ${OURS} and p.polpermissive group by c.relname, role, command having count(*) > 1`

const policyText = `coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')`

/** A call that is the same for every row belongs into a subselect, which is evaluated once. */
const PER_ROW = `
  select p.polname from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OURS} and regexp_replace(${policyText}, '\\( ?SELECT [^)]*\\(.*?\\)[^)]*\\)', '', 'gi') ~* '(current_setting|auth\\.\\w+|maestro_caller_\\w+)\\('`

const EDITABLE = `
  select p.polname from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OURS} and ${policyText} ~ 'user_metadata'`

/** A policy that lets everybody write everything is none. */
const ALWAYS = `
  select p.polname from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OURS} and p.polcmd <> 'r' and 'true' in (pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))`

const tables = (where: string): string =>
  `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind in ('r', 'p') and ${where}`

export const ADVICE: Readonly<Record<string, string>> = {
  unindexed_foreign_keys: UNINDEXED,
  no_primary_key: tables(`not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')`),
  duplicate_index: DUPLICATES,
  rls_disabled_in_public: tables('not c.relrowsecurity'),
  multiple_permissive_policies: MULTIPLE,
  auth_rls_initplan: PER_ROW,
  rls_references_user_metadata: EDITABLE,
  rls_policy_always_true: ALWAYS,
  function_search_path_mutable: `
    select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and p.proname like 'maestro%' and not exists (select from unnest(p.proconfig) as setting where setting like 'search_path=%')`,
  security_definer_view: `
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${OURS} and c.relkind = 'v' and not coalesce('security_invoker=true' = any (c.reloptions) or 'security_invoker=on' = any (c.reloptions), false)`,
  materialized_view_in_api: `select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind = 'm'`,
  anon_security_definer_function_executable: `
    select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and p.proname like 'maestro%' and p.prosecdef and has_function_privilege('anon', p.oid, 'execute')`,
}
