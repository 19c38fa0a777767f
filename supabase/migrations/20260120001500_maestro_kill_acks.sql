-- MAESTRO: proof of obedience. What each device signed when it had put a kill document in force, and who has not yet.

create table if not exists public.maestro_kill_acks (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  version bigint not null check (version >= 1),
  -- What holds on the device since then.
  state text not null check (state in ('run', 'readonly', 'drain', 'kill', 'safe-worker')),
  -- By the device's clock: when the document arrived, and when it was in force.
  received timestamptz not null,
  effective timestamptz not null,
  -- The device's compact JWS over all of this.
  statement text not null check (octet_length(statement) between 1 and 4096),
  acknowledged_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, device_id, version)
);
create index if not exists maestro_device_keys_device on public.maestro_device_keys (tenant_id, device_id);

alter table public.maestro_kill_acks enable row level security;
revoke all on table public.maestro_kill_acks from public, anon, authenticated, service_role;
grant select on table public.maestro_kill_acks to authenticated, service_role;

drop policy if exists maestro_kill_acks_read_own on public.maestro_kill_acks;
create policy maestro_kill_acks_read_own on public.maestro_kill_acks for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Who uses a device, and the key it signs with for each: {"principal": key}; none that was struck off. Devices know a person by name, not by id.
create or replace function public.maestro_device_key_holders(p_tenant_id text, p_device_id text) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_object_agg(h.principal_id, h.public_key), '{}') from (
    select k.principal_id, k.public_key from public.maestro_device_keys k
      where k.tenant_id = p_tenant_id and k.device_id = p_device_id and k.revoked_at is null order by k.registered_at desc limit 20) h
$$;
revoke all on function public.maestro_device_key_holders(text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_device_key_holders(text, text) to service_role;

-- Keeps a statement whose signature was checked, for each person whose device it is; of two about one version
-- the one stands that says it was in force later, and of equal ones the one that came last. False for a version that was never published.
create or replace function public.maestro_note_kill_ack(
  p_tenant_id text, p_principal_ids text[], p_device_id text, p_version bigint, p_state text, p_received timestamptz, p_effective timestamptz, p_statement text
) returns boolean
  language plpgsql security definer set search_path = ''
as $$
declare
  -- Versions of which a device's statements are kept; older ones prove nothing that still matters.
  c_versions_max constant bigint := 100;
begin
  if not exists (select from public.maestro_kill_documents d where d.version = p_version) then
    return false;
  end if;
  insert into public.maestro_kill_acks as a (tenant_id, principal_id, device_id, version, state, received, effective, statement)
    select p_tenant_id, u.principal_id, p_device_id, p_version, p_state, p_received, p_effective, p_statement from unnest(p_principal_ids) as u(principal_id)
    on conflict (tenant_id, principal_id, device_id, version) do update
      set state = excluded.state, received = excluded.received, effective = excluded.effective, statement = excluded.statement,
        acknowledged_at = clock_timestamp()
      where a.effective <= excluded.effective and a.statement <> excluded.statement;
  delete from public.maestro_kill_acks a
    where a.tenant_id = p_tenant_id and a.principal_id = any(p_principal_ids) and a.device_id = p_device_id and a.version <= p_version - c_versions_max;
  return true;
end
$$;
revoke all on function public.maestro_note_kill_ack(text, text[], text, bigint, text, timestamptz, timestamptz, text)
  from public, anon, authenticated, service_role;
grant execute on function public.maestro_note_kill_ack(text, text[], text, bigint, text, timestamptz, timestamptz, text) to service_role;

-- Who has proven the version in force, of the devices that were seen within so many seconds: {"version", "action", "issued", "devices", "proven",
-- "unproven": [{"tenant", "principal", "device", "seen", "proven_version", "state"}]}, longest unseen last, at most so many of them. To have it is not
-- to obey it: p_obeyed says, for what is in force for everybody, in which states a device obeys: {"kill": ["kill", "safe-worker"], …}. Of a document
-- for some only, a device's general state says nothing: there its version is the proof.
create or replace function public.maestro_kill_coverage(p_within_s integer, p_list_max integer, p_obeyed jsonb) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with newest as (
    select d.version, d.issued, coalesce(t.terms ->> 'action', d.action) as action, p_obeyed -> d.action as obeyed
      from public.maestro_kill_documents d left join public.maestro_kill_terms t using (version) order by d.version desc limit 1
  ), acks as (
    select distinct on (a.tenant_id, a.principal_id, a.device_id) a.tenant_id, a.principal_id, a.device_id, a.version, a.state, a.acknowledged_at as at
      from public.maestro_kill_acks a order by a.tenant_id, a.principal_id, a.device_id, a.version desc
  ), devices as (
    select k.tenant_id, k.principal_id, k.device_id, a.version, a.state,
        greatest(k.registered_at, a.at, (select max(r.updated_at) from public.maestro_device_reports r
          where r.day >= (clock_timestamp() at time zone 'utc')::date - (p_within_s / 86400 + 1)
            and r.tenant_id = k.tenant_id and r.principal_id = k.principal_id and r.device_id = k.device_id)) as seen
      from public.maestro_device_keys k left join acks a using (tenant_id, principal_id, device_id)
      where k.revoked_at is null
  ), judged as (
    select d.*, coalesce(d.version >= n.version and n.obeyed ? d.state, false) as proven from devices d, newest n
      where d.seen >= clock_timestamp() - make_interval(secs => p_within_s)
  )
  select jsonb_build_object('version', n.version, 'action', n.action, 'issued', n.issued,
    'devices', (select count(*) from judged), 'proven', (select count(*) from judged j where j.proven),
    'unproven', coalesce((select jsonb_agg(u.one order by u.seen desc) from (
      select j.seen, jsonb_build_object('tenant', j.tenant_id, 'principal', j.principal_id, 'device', j.device_id,
        'seen', j.seen, 'proven_version', j.version, 'state', j.state) as one
      from judged j where not j.proven order by j.seen desc limit p_list_max) u), '[]'))
  from newest n
$$;
revoke all on function public.maestro_kill_coverage(integer, integer, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.maestro_kill_coverage(integer, integer, jsonb) to service_role;
