-- MAESTRO: how much waits on each device, as it said with its last report. What waits lies sealed on the device; this is a count for
-- operators, never the work itself.

create table if not exists public.maestro_device_queues (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  waiting integer not null check (waiting >= 0),
  awaiting_approval integer not null check (awaiting_approval >= 0),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, device_id)
);
create index if not exists maestro_device_queues_updated_at on public.maestro_device_queues (updated_at);

alter table public.maestro_device_queues enable row level security;
revoke all on table public.maestro_device_queues from public, anon, authenticated, service_role;
grant select, insert, update on table public.maestro_device_queues to authenticated;
grant select on table public.maestro_device_queues to service_role;

drop policy if exists maestro_device_queues_read_own on public.maestro_device_queues;
create policy maestro_device_queues_read_own on public.maestro_device_queues for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

drop policy if exists maestro_device_queues_insert_own on public.maestro_device_queues;
create policy maestro_device_queues_insert_own on public.maestro_device_queues for insert to authenticated
  with check (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

drop policy if exists maestro_device_queues_update_own on public.maestro_device_queues;
create policy maestro_device_queues_update_own on public.maestro_device_queues for update to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()))
  with check (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));
