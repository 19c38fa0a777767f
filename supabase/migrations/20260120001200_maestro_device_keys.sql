-- MAESTRO: the public keys that devices sign with. What a device signs (receipts for back ends, heads of its audit chain) is believed where the
-- server has certified its key; the private key never leaves the device.

create table if not exists public.maestro_device_keys (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  -- The raw Ed25519 key, base64url.
  public_key text not null check (public_key ~ '^[A-Za-z0-9_-]{43}$'),
  registered_at timestamptz not null default clock_timestamp(),
  -- When it last registered: a certificate is renewed every few days, so a device in use is never unseen for long.
  seen_at timestamptz not null default clock_timestamp(),
  -- When an operator struck the device off: neither its name nor its key is certified again. Certificates that it has end by themselves.
  revoked_at timestamptz,
  primary key (tenant_id, principal_id, device_id)
);
create index if not exists maestro_device_keys_revoked on public.maestro_device_keys (tenant_id, public_key) where revoked_at is not null;

alter table public.maestro_device_keys enable row level security;
revoke all on table public.maestro_device_keys from public, anon, authenticated, service_role;
grant select on table public.maestro_device_keys to authenticated;
grant select, update on table public.maestro_device_keys to service_role;

drop policy if exists maestro_device_keys_read_own on public.maestro_device_keys;
create policy maestro_device_keys_read_own on public.maestro_device_keys for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Keeps the caller's device key; another key takes the place of a lost one. False when the device was struck off, and when its key was, under
-- whatever name: a name is the caller's to choose. The function has checked that the caller holds the key. One person's devices are bounded, since a
-- browser makes one anew at each wipe: the one that was unseen longest makes room, and registers again when it comes back.
create or replace function public.maestro_register_device_key(p_device_id text, p_public_key text) returns boolean
  language plpgsql security definer set search_path = ''
as $$
declare
  c_devices_max constant integer := 1000;
  v_tenant constant text := public.maestro_caller_tenant();
  v_principal constant text := public.maestro_caller_principal();
begin
  if v_tenant is null or v_principal is null then
    raise exception 'the token names nobody' using errcode = '42501';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(v_tenant || chr(10) || v_principal, 20260121));
  if exists (select from public.maestro_device_keys k where k.tenant_id = v_tenant and k.revoked_at is not null
      and (k.public_key = p_public_key or k.principal_id = v_principal and k.device_id = p_device_id)) then
    return false;
  end if;
  delete from public.maestro_device_keys k
    where k.tenant_id = v_tenant and k.principal_id = v_principal and k.device_id in (
      select o.device_id from public.maestro_device_keys o
        where o.tenant_id = v_tenant and o.principal_id = v_principal and o.revoked_at is null and o.device_id <> p_device_id
        order by o.seen_at desc, o.device_id offset c_devices_max - 1);
  insert into public.maestro_device_keys as k (tenant_id, principal_id, device_id, public_key)
    values (v_tenant, v_principal, p_device_id, p_public_key)
    on conflict (tenant_id, principal_id, device_id) do update set public_key = excluded.public_key, seen_at = clock_timestamp(),
      registered_at = case when k.public_key = excluded.public_key then k.registered_at else clock_timestamp() end;
  return true;
end
$$;
revoke all on function public.maestro_register_device_key(text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_register_device_key(text, text) to authenticated;
