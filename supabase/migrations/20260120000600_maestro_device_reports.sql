-- MAESTRO: what each device says of itself, one row per UTC day; health adds the day's rows up.

create table if not exists public.maestro_device_reports (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  day date not null default (clock_timestamp() at time zone 'utc')::date,
  crypto_initialized boolean not null,
  blocked_operations integer not null check (blocked_operations >= 0),
  man_mode_escalations integer not null check (man_mode_escalations >= 0),
  -- Successes ÷ attempts of the day; null while there was no attempt.
  sync_success_rate double precision check (sync_success_rate between 0 and 1),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (day, tenant_id, principal_id, device_id)
);

alter table public.maestro_device_reports enable row level security;
revoke all on table public.maestro_device_reports from public, anon, authenticated, service_role;
grant select on table public.maestro_device_reports to authenticated, service_role;

drop policy if exists maestro_device_reports_read_own on public.maestro_device_reports;
create policy maestro_device_reports_read_own on public.maestro_device_reports for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Keeps a device's counts of the present UTC day for the caller; the newest report wins. False, and nothing is kept, where the person has told of
-- too many devices today: a claim that a report rides with is not refused for it.
-- SECURITY DEFINER because callers may not write reports themselves; tenant and principal come from the verified token.
create or replace function public.maestro_note_report(
  p_device_id text, p_crypto_initialized boolean, p_blocked_operations integer, p_man_mode_escalations integer, p_sync_success_rate double precision
) returns boolean
  language plpgsql security definer set search_path = ''
as $$
declare
  -- Devices of one person that a day tells of; a browser that is wiped is a new one each time.
  c_devices_max constant integer := 100;
  c_count_max constant integer := 1000000;
  v_day constant date := (clock_timestamp() at time zone 'utc')::date;
  v_tenant constant text := public.maestro_caller_tenant();
  v_principal constant text := public.maestro_caller_principal();
begin
  if v_tenant is null or v_principal is null then
    raise exception 'the token names nobody' using errcode = '42501';
  end if;
  if not exists (select from public.maestro_device_reports r
      where r.day = v_day and r.tenant_id = v_tenant and r.principal_id = v_principal and r.device_id = p_device_id) then
    -- One after the other, so that many new devices at once are counted too.
    perform pg_advisory_xact_lock(hashtextextended(v_tenant || chr(10) || v_principal, 20260106));
    if (select count(*) from public.maestro_device_reports r
        where r.day = v_day and r.tenant_id = v_tenant and r.principal_id = v_principal) >= c_devices_max then
      return false;
    end if;
  end if;
  insert into public.maestro_device_reports
      (tenant_id, principal_id, device_id, day, crypto_initialized, blocked_operations, man_mode_escalations, sync_success_rate)
    values (v_tenant, v_principal, p_device_id, v_day, p_crypto_initialized, least(p_blocked_operations, c_count_max),
      least(p_man_mode_escalations, c_count_max), p_sync_success_rate)
    on conflict (day, tenant_id, principal_id, device_id) do update set crypto_initialized = excluded.crypto_initialized,
      blocked_operations = excluded.blocked_operations, man_mode_escalations = excluded.man_mode_escalations,
      sync_success_rate = excluded.sync_success_rate, updated_at = clock_timestamp();
  return true;
end
$$;
revoke all on function public.maestro_note_report(text, boolean, integer, integer, double precision) from public, anon, authenticated, service_role;
grant execute on function public.maestro_note_report(text, boolean, integer, integer, double precision) to authenticated;
