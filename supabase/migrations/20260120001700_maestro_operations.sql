-- MAESTRO: what operators look at. Counts of claims by minute, escalations with their times, the migrations that were recorded, and a probe
-- of the ledger that leaves nothing behind. All of it is for the service role; callers' tokens see none of it.

create table if not exists public.maestro_claim_minutes (
  minute timestamptz primary key,
  -- Claims that were granted, answered with a prior result, or told to wait: the ledger did its work.
  answered bigint not null default 0 check (answered >= 0),
  -- Claims of an authenticated caller that were refused or could not be served. An idempotent duplicate is none.
  failed bigint not null default 0 check (failed >= 0)
);
alter table public.maestro_claim_minutes enable row level security;
revoke all on table public.maestro_claim_minutes from public, anon, authenticated, service_role;
grant select on table public.maestro_claim_minutes to service_role;

create table if not exists public.maestro_escalations (
  id bigint generated always as identity primary key,
  tenant_id text not null,
  at timestamptz not null default clock_timestamp(),
  count integer not null check (count > 0)
);
create index if not exists maestro_escalations_at on public.maestro_escalations (at);
alter table public.maestro_escalations enable row level security;
revoke all on table public.maestro_escalations from public, anon, authenticated, service_role;
grant select on table public.maestro_escalations to service_role;

-- Adds what a function instance counted since it last told; forgets what no window reaches any more (two days).
create or replace function public.maestro_note_claims(p_answered bigint, p_failed bigint) returns void
  language plpgsql security definer set search_path = ''
as $$
declare
  v_minute constant timestamptz := date_trunc('minute', clock_timestamp());
begin
  insert into public.maestro_claim_minutes as m (minute, answered, failed) values (v_minute, p_answered, p_failed)
    on conflict (minute) do update set answered = m.answered + excluded.answered, failed = m.failed + excluded.failed;
  delete from public.maestro_claim_minutes where minute < v_minute - interval '2 days';
  delete from public.maestro_escalations where at < v_minute - interval '2 days';
end
$$;
revoke all on function public.maestro_note_claims(bigint, bigint) from public, anon, authenticated, service_role;
grant execute on function public.maestro_note_claims(bigint, bigint) to service_role;

-- A device's worker counts from zero again whenever the browser started it anew: what earlier workers of the day had counted stays.
alter table public.maestro_device_reports add column if not exists blocked_before integer not null default 0;
alter table public.maestro_device_reports add column if not exists escalations_before integer not null default 0;

create or replace function public.maestro_keep_counts() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  new.blocked_before := case when new.blocked_operations < old.blocked_operations - old.blocked_before
    then old.blocked_operations else old.blocked_before end;
  new.escalations_before := case when new.man_mode_escalations < old.man_mode_escalations - old.escalations_before
    then old.man_mode_escalations else old.escalations_before end;
  new.blocked_operations := new.blocked_before + new.blocked_operations;
  new.man_mode_escalations := new.escalations_before + new.man_mode_escalations;
  return new;
end
$$;
revoke all on function public.maestro_keep_counts() from public, anon, authenticated, service_role;

create or replace trigger maestro_device_reports_counts
  before update on public.maestro_device_reports
  for each row execute function public.maestro_keep_counts();

-- A device reports the day's count; what it rose by since the last report happened about now.
create or replace function public.maestro_note_escalations() returns trigger
  language plpgsql security definer set search_path = ''
as $$
declare
  v_before constant integer := case when tg_op = 'UPDATE' then old.man_mode_escalations else 0 end;
begin
  if new.man_mode_escalations > v_before then
    insert into public.maestro_escalations (tenant_id, count) values (new.tenant_id, new.man_mode_escalations - v_before);
  end if;
  return null;
end
$$;
revoke all on function public.maestro_note_escalations() from public, anon, authenticated, service_role;

create or replace trigger maestro_device_reports_escalations
  after insert or update on public.maestro_device_reports
  for each row execute function public.maestro_note_escalations();

-- The versions the Supabase CLI (or the local stack) recorded; null where nothing records them.
create or replace function public.maestro_recorded_migrations() returns text[]
  language plpgsql stable security definer set search_path = ''
as $$
declare
  v_versions text[];
begin
  if to_regclass('supabase_migrations.schema_migrations') is null then
    return null;
  end if;
  execute $q$ select coalesce(array_agg(version order by version), '{}') from supabase_migrations.schema_migrations where name like 'maestro\_%' $q$
    into v_versions;
  return v_versions;
end
$$;
revoke all on function public.maestro_recorded_migrations() from public, anon, authenticated, service_role;
grant execute on function public.maestro_recorded_migrations() to service_role;

-- Claims, joins, completes and repeats one receipt of a tenant of its own, then rolls all of it back: {"granted", "held", "completed", "idempotent"}.
create or replace function public.maestro_probe_claims() returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  v_claims constant text := current_setting('request.jwt.claims', true);
  v_verdict jsonb;
begin
  begin
    perform set_config('request.jwt.claims', '{"sub": "maestro-probe", "app_metadata": {"tenant_id": "maestro-probe"}}', true);
    v_verdict := jsonb_build_object('granted',
      (public.maestro_claim_receipt('maestro-probe', 'probe', 'first', 'probe') ->> 'claimed')::boolean);
    v_verdict := v_verdict || jsonb_build_object('held',
      coalesce(public.maestro_claim_receipt('maestro-probe', 'probe', 'second', 'probe') ->> 'code' = 'IN_PROGRESS', false));
    v_verdict := v_verdict || jsonb_build_object('completed',
      (public.maestro_complete_receipt('maestro-probe', 'probe', 1, 'done') ->> 'completed')::boolean);
    v_verdict := v_verdict || jsonb_build_object('idempotent',
      coalesce((public.maestro_claim_receipt('maestro-probe', 'probe', 'third', 'probe') ->> 'idempotent')::boolean, false));
    raise exception 'undo' using errcode = 'MA001';
  exception when sqlstate 'MA001' then
    null;
  end;
  perform set_config('request.jwt.claims', coalesce(v_claims, ''), true);
  return v_verdict;
end
$$;
revoke all on function public.maestro_probe_claims() from public, anon, authenticated, service_role;
grant execute on function public.maestro_probe_claims() to service_role;
