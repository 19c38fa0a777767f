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
grant select, insert, update on table public.maestro_device_reports to authenticated;
grant select on table public.maestro_device_reports to service_role;

drop policy if exists maestro_device_reports_read_own on public.maestro_device_reports;
create policy maestro_device_reports_read_own on public.maestro_device_reports for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

drop policy if exists maestro_device_reports_insert_own on public.maestro_device_reports;
create policy maestro_device_reports_insert_own on public.maestro_device_reports for insert to authenticated
  with check (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

drop policy if exists maestro_device_reports_update_own on public.maestro_device_reports;
create policy maestro_device_reports_update_own on public.maestro_device_reports for update to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()))
  with check (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));
