-- MAESTRO: the numbers behind `maestro-health?verbose`, over all tenants, since midnight UTC. Counts only.

create or replace function public.maestro_health_metrics() returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with today as (select date_trunc('day', clock_timestamp() at time zone 'utc') at time zone 'utc' as since)
  select jsonb_build_object(
    -- True when a device has reported today and every one that did has sealed and opened a record.
    'crypto_initialized', coalesce(bool_and(d.crypto_initialized), false),
    'receipt_claims_today', (select count(*) from public.maestro_execution_receipts r, today t where r.created_at >= t.since),
    'blocked_operations', coalesce(sum(d.blocked_operations), 0),
    'man_mode_escalations', coalesce(sum(d.man_mode_escalations), 0),
    -- Mean over the devices that tried; null when none did.
    'sync_success_rate', avg(d.sync_success_rate))
  from public.maestro_device_reports d
  where d.day = (clock_timestamp() at time zone 'utc')::date
$$;
revoke all on function public.maestro_health_metrics() from public, anon, authenticated, service_role;
grant execute on function public.maestro_health_metrics() to service_role;
