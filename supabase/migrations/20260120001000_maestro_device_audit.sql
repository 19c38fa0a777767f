-- MAESTRO: what devices have told of their own audit chains, one chain per device. Append-only, like the server's chain. A device that comes
-- with another past than it has told before (a copied profile, a restored disk, an edited chain) is refused and told the head it had.

create table if not exists public.maestro_device_audit (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  device_id text not null check (char_length(device_id) between 1 and 128),
  seq bigint not null check (seq >= 1),
  -- Epoch milliseconds by the device's own clock.
  at_ms bigint not null,
  kind text not null check (char_length(kind) between 1 and 64),
  receipt text not null check (char_length(receipt) <= 255),
  -- SHA-256 of the fact's sealed bytes; the fact itself never comes here.
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  -- Null on an anchor: the first entry of a chain whose beginning was never sent here.
  prev_hash bytea check (octet_length(prev_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32),
  received_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, device_id, seq)
);

create or replace function public.maestro_refuse_device_audit_change() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
revoke all on function public.maestro_refuse_device_audit_change() from public, anon, authenticated, service_role;

create or replace trigger maestro_device_audit_append_only
  before update or delete on public.maestro_device_audit
  for each statement execute function public.maestro_refuse_device_audit_change();

alter table public.maestro_device_audit enable row level security;
revoke all on table public.maestro_device_audit from public, anon, authenticated, service_role;
grant select on table public.maestro_device_audit to authenticated, service_role;

drop policy if exists maestro_device_audit_read_own on public.maestro_device_audit;
create policy maestro_device_audit_read_own on public.maestro_device_audit for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- The end of each device's chain; sequence 0 while nothing was taken. Locked for every append.
create table if not exists public.maestro_device_heads (
  tenant_id text not null,
  principal_id text not null,
  device_id text not null,
  seq bigint not null default 0 check (seq >= 0),
  hash bytea not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, device_id)
);

alter table public.maestro_device_heads enable row level security;
revoke all on table public.maestro_device_heads from public, anon, authenticated, service_role;
grant select on table public.maestro_device_heads to authenticated, service_role;

drop policy if exists maestro_device_heads_read_own on public.maestro_device_heads;
create policy maestro_device_heads_read_own on public.maestro_device_heads for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Takes entries [{"seq", "at", "kind", "receipt", "digest", "hash"}] of one device, all or none, and gives {"through", "hash"} of its head,
-- with "code": "AUDIT_FORK" when they do not continue it. Entries it has are skipped. The first entry ever taken may begin at any number;
-- a step is SHA-256 of the canonical JSON (RFC 8785) of an entry's fields and the hash before it, as devices compute it.
-- Callable only from maestro_sync_batch.
create or replace function public.maestro_append_device_audit(p_tenant_id text, p_principal_id text, p_device_id text, p_entries jsonb)
  returns jsonb
  language plpgsql set search_path = ''
as $$
declare
  v_seq bigint := 0;
  v_hash bytea := decode(repeat('00', 32), 'hex');
  v_continues boolean;
  v_last_seq bigint;
  v_last_hash bytea;
begin
  if jsonb_array_length(p_entries) = 0 then
    select h.seq, h.hash into v_seq, v_hash from public.maestro_device_heads h
      where h.tenant_id = p_tenant_id and h.principal_id = p_principal_id and h.device_id = p_device_id;
    return jsonb_build_object('through', coalesce(v_seq, 0), 'hash', coalesce(encode(v_hash, 'hex'), repeat('0', 64)));
  end if;

  insert into public.maestro_device_heads (tenant_id, principal_id, device_id) values (p_tenant_id, p_principal_id, p_device_id)
    on conflict do nothing;
  select h.seq, h.hash into v_seq, v_hash from public.maestro_device_heads h
    where h.tenant_id = p_tenant_id and h.principal_id = p_principal_id and h.device_id = p_device_id for update;

  with entries as (
    select e.*, decode(e.hash, 'hex') as step, lag(e.seq) over given as before_seq,
      coalesce(lag(e.hash) over given, case when e.seq = v_seq + 1 then encode(v_hash, 'hex') end) as before
    from rows from (jsonb_to_recordset(p_entries) as (seq bigint, at bigint, kind text, receipt text, digest text, hash text))
      with ordinality as e(seq, at, kind, receipt, digest, hash, place)
    window given as (order by e.place)
  ), judged as (
    select e.seq, e.step, e.place,
      coalesce(e.seq = e.before_seq + 1, e.seq <= v_seq + 1 or v_seq = 0)
      -- Without a hash before it, an entry is an anchor or one that must be here already.
      and coalesce(e.step = sha256(convert_to('{"at":' || e.at || ',"digest":' || to_json(e.digest) || ',"kind":' || to_json(e.kind)
        || ',"prev":"' || e.before || '","receipt":' || to_json(e.receipt) || ',"seq":' || e.seq || ',"v":1}', 'UTF8')), true)
      and (e.seq > v_seq or exists (select from public.maestro_device_audit d where d.tenant_id = p_tenant_id
        and d.principal_id = p_principal_id and d.device_id = p_device_id and d.seq = e.seq and d.hash = e.step)) as continues
    from entries e
  )
  select bool_and(coalesce(j.continues, false)), (array_agg(j.seq order by j.place desc))[1], (array_agg(j.step order by j.place desc))[1]
    into v_continues, v_last_seq, v_last_hash from judged j;

  if not v_continues then
    return jsonb_build_object('through', v_seq, 'hash', encode(v_hash, 'hex'), 'code', 'AUDIT_FORK');
  end if;
  if v_last_seq > v_seq then
    insert into public.maestro_device_audit (tenant_id, principal_id, device_id, seq, at_ms, kind, receipt, digest, prev_hash, hash)
      select p_tenant_id, p_principal_id, p_device_id, e.seq, e.at, e.kind, e.receipt, e.digest,
        coalesce(decode(lag(e.hash) over (order by e.seq), 'hex'), case when e.seq = v_seq + 1 then v_hash end), decode(e.hash, 'hex')
      from jsonb_to_recordset(p_entries) as e(seq bigint, at bigint, kind text, receipt text, digest text, hash text)
      where e.seq > v_seq;
    update public.maestro_device_heads h set seq = v_last_seq, hash = v_last_hash, updated_at = clock_timestamp()
      where h.tenant_id = p_tenant_id and h.principal_id = p_principal_id and h.device_id = p_device_id;
    v_seq := v_last_seq;
    v_hash := v_last_hash;
  end if;
  return jsonb_build_object('through', v_seq, 'hash', encode(v_hash, 'hex'));
end
$$;
revoke all on function public.maestro_append_device_audit(text, text, text, jsonb) from public, anon, authenticated, service_role;
