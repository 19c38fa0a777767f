-- MAESTRO rollback, phase 3: removes everything of MAESTRO's from this database and nothing else. May be run again; what is gone is gone.
-- The rollback guide's four statements come first of what is dropped, in its order. Receipts are lost with their table: a key that was used before can then be
-- used again. Export the audit first: maestro audit export --tenant TENANT --out audit.jsonl
begin;

-- Refused unless MAESTRO is stopped for everybody in this very database: what is checked is what is dropped, and nobody resumes in between.
do $$
declare
  v_action text;
begin
  if to_regclass('public.maestro_kill_documents') is not null then
    lock table public.maestro_kill_documents in share row exclusive mode;
    select action into v_action from public.maestro_kill_documents order by version desc limit 1;
  elsif to_regclass('public.maestro_execution_receipts') is null then
    return;
  end if;
  if v_action is null or v_action not in ('kill', 'safe-worker') then
    raise exception 'MAESTRO is not stopped in this database: its newest kill document says %', coalesce(v_action, 'nothing') using errcode = 'MA002';
  end if;
end
$$;

drop table if exists public.maestro_execution_receipts;
drop table if exists public.maestro_sync_store;
drop table if exists public.maestro_audit_logs;
drop function if exists public.maestro_claim_receipt;

-- The tables and functions that the guide does not name.
do $$
declare
  v_names text;
begin
  -- In one statement each, so that their order among themselves does not matter and nothing outside MAESTRO is dropped along with them.
  select string_agg(c.oid::regclass::text, ', ') into v_names from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname like 'maestro\_%' and not c.relispartition;
  if v_names is not null then
    execute 'drop table ' || v_names;
  end if;
  select string_agg(p.oid::regprocedure::text, ', ') into v_names from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname like 'maestro\_%';
  if v_names is not null then
    execute 'drop function ' || v_names;
  end if;
  -- Without this the Supabase CLI would believe that the migrations still stand, and never run them again.
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    delete from supabase_migrations.schema_migrations where version like '20260120%' and name like 'maestro\_%';
  end if;
end
$$;

commit;
