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
grant select on table public.maestro_device_queues to authenticated, service_role;

drop policy if exists maestro_device_queues_read_own on public.maestro_device_queues;
create policy maestro_device_queues_read_own on public.maestro_device_queues for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Keeps how much waits on a device of the caller. Of too many devices the one that was silent longest is forgotten: it says so again when it speaks.
-- SECURITY DEFINER because callers may not write this themselves; tenant and principal come from the verified token.
create or replace function public.maestro_note_queue(p_device_id text, p_waiting integer, p_awaiting_approval integer) returns void
  language plpgsql security definer set search_path = ''
as $$
declare
  c_devices_max constant integer := 100;
  v_tenant constant text := public.maestro_caller_tenant();
  v_principal constant text := public.maestro_caller_principal();
begin
  if v_tenant is null or v_principal is null then
    raise exception 'the token names nobody' using errcode = '42501';
  end if;
  if not exists (select from public.maestro_device_queues q
      where q.tenant_id = v_tenant and q.principal_id = v_principal and q.device_id = p_device_id) then
    perform pg_advisory_xact_lock(hashtextextended(v_tenant || chr(10) || v_principal, 20260119));
    delete from public.maestro_device_queues q
      where q.tenant_id = v_tenant and q.principal_id = v_principal and q.device_id in (
        select o.device_id from public.maestro_device_queues o where o.tenant_id = v_tenant and o.principal_id = v_principal
          order by o.updated_at desc, o.device_id offset c_devices_max - 1);
  end if;
  insert into public.maestro_device_queues (tenant_id, principal_id, device_id, waiting, awaiting_approval)
    values (v_tenant, v_principal, p_device_id, p_waiting, p_awaiting_approval)
    on conflict (tenant_id, principal_id, device_id) do update set waiting = excluded.waiting,
      awaiting_approval = excluded.awaiting_approval, updated_at = clock_timestamp();
end
$$;
revoke all on function public.maestro_note_queue(text, integer, integer) from public, anon, authenticated, service_role;
grant execute on function public.maestro_note_queue(text, integer, integer) to authenticated;
