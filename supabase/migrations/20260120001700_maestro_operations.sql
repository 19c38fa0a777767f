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
  tenant_id text not null,
  principal_id text not null,
  -- The minute: one row of it for each person, however often they report.
  at timestamptz not null default date_trunc('minute', clock_timestamp()),
  count integer not null check (count > 0),
  primary key (at, tenant_id, principal_id)
);
alter table public.maestro_escalations enable row level security;
revoke all on table public.maestro_escalations from public, anon, authenticated, service_role;
grant select on table public.maestro_escalations to service_role;

-- What health and the operator's signals look for without reading a whole table: receipts that never ended, and the audit's last hour.
create index if not exists maestro_execution_receipts_open on public.maestro_execution_receipts (lease_until) where state = 'claimed';
create index if not exists maestro_audit_logs_created_at on public.maestro_audit_logs using brin (created_at);

-- Adds what a function instance counted since it last told; forgets what no window reaches any more (two days), and the reports of days that are
-- over for 90 days.
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
  -- In small parts: whoever tells counts must not wait for a day's worth of deletions.
  delete from public.maestro_device_reports r where r.ctid in (
    select o.ctid from public.maestro_device_reports o where o.day < (v_minute at time zone 'utc')::date - 90 limit 500 for update skip locked);
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
    insert into public.maestro_escalations as e (tenant_id, principal_id, count)
      values (new.tenant_id, new.principal_id, new.man_mode_escalations - v_before)
      on conflict (at, tenant_id, principal_id) do update set count = least(e.count + excluded.count, 1000000);
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

-- Recomputes a part of a tenant's chain: up to p_limit entries after p_after, whose hash is p_hash (0 and null: from the beginning). Gives
-- {"intact", "entries", "first_seq", "broken_at", "through", "hash", "complete"}: where it is not complete, ask again after "through" with "hash";
-- the last part also looks at the chain's head. A chain of any length is verified so, each part within the time that a statement has.
create or replace function public.maestro_verify_audit_part(p_tenant_id text, p_after bigint, p_hash text, p_limit integer) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with part as materialized (
    select l.* from public.maestro_audit_logs l where l.tenant_id = p_tenant_id and l.seq > p_after order by l.seq limit p_limit
  ), chain as (
    select l.seq, l.hash, l.prev_hash,
      lag(l.seq, 1, nullif(p_after, 0)) over (order by l.seq) as before_seq,
      lag(l.hash, 1, case when p_after > 0 then decode(p_hash, 'hex') end) over (order by l.seq) as before_hash,
      public.maestro_audit_hash(l.prev_hash, l.tenant_id, l.seq, l.principal_id, l.kind, l.idempotency_key, l.trace_id, l.action,
        l.params_digest, l.fence, l.state, l.result_digest, l.created_at) as expected
    from part l
  ), judged as (
    select count(*) as entries, min(seq) as first_seq, coalesce(max(seq), p_after) as through,
      min(seq) filter (where hash <> expected or (before_seq is not null and (before_seq + 1 <> seq or before_hash is distinct from prev_hash))) as broken_at
    from chain
  ), ended as (
    select j.*, coalesce((select encode(c.hash, 'hex') from chain c where c.seq = j.through), p_hash) as hash, j.entries < p_limit as complete
    from judged j
  ), told as (
    select e.*, coalesce(e.broken_at, case when e.complete and e.through > 0 and not exists (
        select from public.maestro_audit_heads h where h.tenant_id = p_tenant_id and h.seq = e.through and encode(h.hash, 'hex') = e.hash)
      then e.through + 1 end) as wrong_at
    from ended e
  )
  select jsonb_build_object('intact', t.wrong_at is null, 'entries', t.entries, 'first_seq', t.first_seq, 'broken_at', t.wrong_at,
    'through', t.through, 'hash', t.hash, 'complete', t.complete or t.wrong_at is not null)
  from told t
$$;
revoke all on function public.maestro_verify_audit_part(text, bigint, text, integer) from public, anon, authenticated, service_role;
grant execute on function public.maestro_verify_audit_part(text, bigint, text, integer) to service_role;
