-- MAESTRO: the numbers behind `maestro-health?verbose`, over all tenants, since midnight UTC. Counts only.
-- Devices tell them of themselves, so one voice weighs little: a person is one voice with however many devices, a tenant is at most 20 voices of a
-- rate, and a person's counts end at 10,000.

create or replace function public.maestro_health_metrics() returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with today as (select date_trunc('day', clock_timestamp() at time zone 'utc') at time zone 'utc' as since),
  people as (
    select d.tenant_id, bool_and(d.crypto_initialized)::integer as ready, avg(d.sync_success_rate) as rate,
      least(sum(d.blocked_operations), 10000) as blocked_operations, least(sum(d.man_mode_escalations), 10000) as man_mode_escalations
    from public.maestro_device_reports d
    where d.day = (clock_timestamp() at time zone 'utc')::date
    group by d.tenant_id, d.principal_id
  ), d as (
    select p.tenant_id, avg(p.ready) as ready, least(count(*), 20) as voices, avg(p.rate) as rate, least(count(p.rate), 20) as tried,
      sum(p.blocked_operations) as blocked_operations, sum(p.man_mode_escalations) as man_mode_escalations
    from people p group by p.tenant_id
  )
  select jsonb_build_object(
    -- True when devices have reported today and those of 19 voices in 20 have all sealed and opened a record.
    'crypto_initialized', coalesce(sum(d.ready * d.voices) >= 0.95 * sum(d.voices), false),
    'receipt_claims_today', (select count(*) from public.maestro_execution_receipts r, today t where r.created_at >= t.since),
    'blocked_operations', coalesce(sum(d.blocked_operations), 0),
    'man_mode_escalations', coalesce(sum(d.man_mode_escalations), 0),
    -- Mean over the voices that tried; null when none did.
    'sync_success_rate', sum(d.rate * d.tried) / nullif(sum(d.tried), 0),
    -- How many devices tried.
    'sync_devices', (select count(r.sync_success_rate) from public.maestro_device_reports r where r.day = (clock_timestamp() at time zone 'utc')::date))
  from d
$$;
revoke all on function public.maestro_health_metrics() from public, anon, authenticated, service_role;
grant execute on function public.maestro_health_metrics() to service_role;
