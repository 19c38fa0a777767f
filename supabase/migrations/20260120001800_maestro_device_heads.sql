-- MAESTRO: heads of devices' audit chains, signed by the device and counter-signed here. What was counter-signed is a promise: never is an older or
-- another head of that device taken or shown again.

create table if not exists public.maestro_signed_heads (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  seq bigint not null check (seq >= 1),
  hash bytea not null check (octet_length(hash) = 32),
  -- Compact JWS: the device's signature, the server's, and the server's certificate of the device's key.
  head text not null check (octet_length(head) between 1 and 4096),
  seen text not null check (octet_length(seen) between 1 and 4096),
  certificate text not null check (octet_length(certificate) between 1 and 4096),
  accepted_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, device_id, seq)
);

create or replace function public.maestro_refuse_signed_head_change() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
revoke all on function public.maestro_refuse_signed_head_change() from public, anon, authenticated, service_role;

create or replace trigger maestro_signed_heads_append_only
  before update or delete or truncate on public.maestro_signed_heads
  for each statement execute function public.maestro_refuse_signed_head_change();

alter table public.maestro_signed_heads enable row level security;
revoke all on table public.maestro_signed_heads from public, anon, authenticated, service_role;
grant select on table public.maestro_signed_heads to authenticated, service_role;

drop policy if exists maestro_signed_heads_read_own on public.maestro_signed_heads;
create policy maestro_signed_heads_read_own on public.maestro_signed_heads for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- What is kept of a device: {"through", "hash"} of its chain, "latest", its newest signed head, and "asked", the first that covers a place in the chain
-- (null without one).
create or replace function public.maestro_show_heads(p_tenant_id text, p_principal_id text, p_device_id text, p_covers bigint) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with heads as (
    select s.seq, jsonb_build_object('head', s.head, 'seen', s.seen, 'certificate', s.certificate) as one from public.maestro_signed_heads s
      where s.tenant_id = p_tenant_id and s.principal_id = p_principal_id and s.device_id = p_device_id
  )
  select jsonb_build_object('through', coalesce(max(c.seq), 0), 'hash', coalesce(max(encode(c.hash, 'hex')), repeat('0', 64)),
      'latest', (select h.one from heads h order by h.seq desc limit 1),
      'asked', (select h.one from heads h where h.seq >= p_covers order by h.seq limit 1))
    from public.maestro_device_heads c where c.tenant_id = p_tenant_id and c.principal_id = p_principal_id and c.device_id = p_device_id
$$;
revoke all on function public.maestro_show_heads(text, text, text, bigint) from public, anon, authenticated, service_role;
grant execute on function public.maestro_show_heads(text, text, text, bigint) to service_role;

-- Keeps a head whose signatures were checked, with the entries before it that are not here yet, and gives {"kept": its statements}, those of the
-- first time where it was kept before; or {"code"} and what maestro_show_heads gives:
-- DEVICE_REFUSED (the key is not the device's, or no more), HEAD_OLD (a newer one was kept), HEAD_FORK (another chain than the one that is here),
-- HEAD_AHEAD (the entries before it are not here).
create or replace function public.maestro_keep_head(
  p_tenant_id text, p_principal_id text, p_device_id text, p_public_key text, p_seq bigint, p_hash text, p_entries jsonb,
  p_head text, p_seen text, p_certificate text
) returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  v_hash constant bytea := decode(p_hash, 'hex');
  v_code text;
  v_last bigint;
  v_there bytea;
  v_kept jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id || chr(10) || p_principal_id || chr(10) || p_device_id, 20260118));
  if not exists (select from public.maestro_device_keys k where k.tenant_id = p_tenant_id and k.principal_id = p_principal_id
      and k.device_id = p_device_id and k.public_key = p_public_key and k.revoked_at is null) then
    return jsonb_build_object('code', 'DEVICE_REFUSED');
  end if;
  select max(s.seq) into v_last from public.maestro_signed_heads s
    where s.tenant_id = p_tenant_id and s.principal_id = p_principal_id and s.device_id = p_device_id;
  if jsonb_array_length(p_entries) > 0 and p_seq > coalesce(v_last, 0) then
    v_code := case when public.maestro_append_device_audit(p_tenant_id, p_principal_id, p_device_id, p_entries) ? 'code' then 'HEAD_FORK' end;
  end if;
  select d.hash into v_there from public.maestro_device_audit d
    where d.tenant_id = p_tenant_id and d.principal_id = p_principal_id and d.device_id = p_device_id and d.seq = p_seq;
  v_code := coalesce(v_code, case
    when v_there <> v_hash then 'HEAD_FORK'
    when p_seq < v_last then 'HEAD_OLD'
    when v_there is null then 'HEAD_AHEAD'
  end);
  if v_code is not null then
    return jsonb_build_object('code', v_code) || public.maestro_show_heads(p_tenant_id, p_principal_id, p_device_id, null);
  end if;
  insert into public.maestro_signed_heads (tenant_id, principal_id, device_id, seq, hash, head, seen, certificate)
    values (p_tenant_id, p_principal_id, p_device_id, p_seq, v_hash, p_head, p_seen, p_certificate) on conflict do nothing;
  select jsonb_build_object('head', s.head, 'seen', s.seen, 'certificate', s.certificate) into v_kept from public.maestro_signed_heads s
    where s.tenant_id = p_tenant_id and s.principal_id = p_principal_id and s.device_id = p_device_id and s.seq = p_seq;
  return jsonb_build_object('kept', v_kept);
end
$$;
revoke all on function public.maestro_keep_head(text, text, text, text, bigint, text, jsonb, text, text, text)
  from public, anon, authenticated, service_role;
grant execute on function public.maestro_keep_head(text, text, text, text, bigint, text, jsonb, text, text, text) to service_role;
