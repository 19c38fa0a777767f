-- MAESTRO: memory between a person's devices. Envelopes are numbered as they change, so that each device reads what it has not seen, and a device
-- that did not know of a change cannot write over it. The server still sees names that say nothing, sizes and times.

alter table public.maestro_sync_store add column if not exists rev bigint not null default 0;
-- What stands in the place of something removed, so that other devices hear of it. What was there is overwritten, not hidden.
alter table public.maestro_sync_store add column if not exists gone boolean not null default false;
alter table public.maestro_sync_store add column if not exists device_id text check (char_length(device_id) between 1 and 128);
create index if not exists maestro_sync_store_by_rev on public.maestro_sync_store (tenant_id, principal_id, rev);

-- The newest number of each principal. Its row is locked by whoever changes anything, so numbers become visible in their order.
create table if not exists public.maestro_sync_heads (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  rev bigint not null default 0,
  primary key (tenant_id, principal_id)
);
alter table public.maestro_sync_heads enable row level security;
revoke all on table public.maestro_sync_heads from public, anon, authenticated, service_role;
grant select on table public.maestro_sync_heads to authenticated, service_role;

drop policy if exists maestro_sync_heads_read_own on public.maestro_sync_heads;
create policy maestro_sync_heads_read_own on public.maestro_sync_heads for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Numbers every change, also one that does not come through maestro_sync_memory. SECURITY DEFINER because callers may not write heads.
create or replace function public.maestro_number_envelope() returns trigger
  language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.maestro_sync_heads as h (tenant_id, principal_id, rev) values (new.tenant_id, new.principal_id, 1)
    on conflict (tenant_id, principal_id) do update set rev = h.rev + 1
    returning h.rev into new.rev;
  new.updated_at := clock_timestamp();
  return new;
end
$$;
revoke all on function public.maestro_number_envelope() from public, anon, authenticated, service_role;

create or replace trigger maestro_sync_store_number before insert or update on public.maestro_sync_store
  for each row execute function public.maestro_number_envelope();

-- What was kept before numbers were gets them now.
update public.maestro_sync_store set gone = gone where rev = 0;

-- base64url, both ways.
create or replace function public.maestro_to_base64url(p_bytes bytea) returns text
  language sql immutable strict set search_path = ''
as $$
  select translate(encode(p_bytes, 'base64'), E'+/=\n', '-_')
$$;
create or replace function public.maestro_from_base64url(p_text text) returns bytea
  language sql immutable strict set search_path = ''
as $$
  select decode(translate(p_text, '-_', '+/') || repeat('=', (4 - char_length(p_text) % 4) % 4), 'base64')
$$;
revoke all on function public.maestro_to_base64url(bytea), public.maestro_from_base64url(text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_to_base64url(bytea), public.maestro_from_base64url(text) to authenticated, service_role;

-- A row as devices get it. Its columns one by one: a function of the table's own type would stand in the way of dropping the table.
create or replace function public.maestro_envelope_row(p_store text, p_record text, p_rev bigint, p_gone boolean, p_envelope bytea) returns jsonb
  language sql immutable set search_path = ''
as $$
  select jsonb_build_object('store', p_store, 'record', p_record, 'rev', p_rev, 'gone', p_gone, 'envelope', public.maestro_to_base64url(p_envelope))
$$;
revoke all on function public.maestro_envelope_row(text, text, bigint, boolean, bytea) from public, anon, authenticated, service_role;
grant execute on function public.maestro_envelope_row(text, text, bigint, boolean, bytea) to authenticated, service_role;

-- Takes a device's changes [{"store", "record", "base", "gone", "envelope"}] and gives what has changed after p_since, at most 200 rows and 1 MiB
-- (or one row). A change is taken when "base" is the number the row has now (0: there is none); otherwise the row is given back, of all changes
-- together 1 MiB or one row; what is beyond that is neither taken nor given now: LATER.
-- Answers {"pushed": [{"accepted": true, "rev"} | {"accepted": false, "row"} | {"accepted": false, "code": "TOO_MANY" | "LATER"}], "rows", "through",
-- "more"}. SECURITY DEFINER because callers may not write envelopes themselves; every statement names the token's tenant and principal.
create or replace function public.maestro_sync_memory(p_tenant_id text, p_device_id text, p_since bigint, p_push jsonb) returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  c_records_max constant integer := 20000;
  c_stored_max constant bigint := 1073741824;
  c_rows constant integer := 200;
  c_bytes constant bigint := 1048576;
  v_principal constant text := public.maestro_caller_principal();
  v_item record;
  v_there record;
  v_count integer;
  v_rev bigint;
  v_head bigint;
  v_pushed jsonb[] := '{}'::jsonb[];
  v_own text[] := '{}'::text[];
  v_given bigint := 0;
  v_size bigint;
  v_stored bigint;
  v_rows jsonb;
  v_last bigint;
  v_left boolean;
begin
  if v_principal is null or p_tenant_id is distinct from public.maestro_caller_tenant() then
    raise exception 'the token is not for this tenant' using errcode = '42501';
  end if;
  if jsonb_array_length(p_push) > c_rows then
    raise exception 'more than % changes', c_rows using errcode = '23514';
  end if;
  if jsonb_array_length(p_push) > 0 then
    -- The head first, as every change needs it: whoever has it waits for no row, so two devices never wait for each other.
    insert into public.maestro_sync_heads (tenant_id, principal_id) values (p_tenant_id, v_principal) on conflict (tenant_id, principal_id) do nothing;
    perform from public.maestro_sync_heads h where h.tenant_id = p_tenant_id and h.principal_id = v_principal for update;
    select count(*), coalesce(sum(octet_length(s.envelope)), 0) into v_count, v_stored from public.maestro_sync_store s
      where s.tenant_id = p_tenant_id and s.principal_id = v_principal;
  end if;

  -- Answered in the order asked.
  for v_item in
    select t.place, t.store, t.record, t.base, t.gone, public.maestro_from_base64url(t.envelope) as envelope
      from rows from (jsonb_to_recordset(p_push) as (store text, record text, base bigint, gone boolean, envelope text)) with ordinality
        as t(store, record, base, gone, envelope, place)
      order by t.place
  loop
    select * into v_there from public.maestro_sync_store s
      where s.tenant_id = p_tenant_id and s.principal_id = v_principal and s.store = v_item.store and s.record_id = v_item.record
      for update;
    v_rev := null;
    v_size := octet_length(v_item.envelope) - coalesce(octet_length(v_there.envelope), 0);
    if (v_there.rev is null or v_there.rev = v_item.base)
      and (v_there.rev is null and v_count >= c_records_max or v_size > 0 and v_stored + v_size > c_stored_max) then
      v_pushed[v_item.place] := '{"accepted": false, "code": "TOO_MANY"}'::jsonb;
      continue;
    end if;
    if v_there.rev = v_item.base then
      update public.maestro_sync_store s set envelope = v_item.envelope, gone = v_item.gone, device_id = p_device_id
        where s.tenant_id = p_tenant_id and s.principal_id = v_principal and s.store = v_item.store and s.record_id = v_item.record
        returning s.rev into v_rev;
    elsif v_there.rev is null then
      -- A row that this device knew and that is gone for good is made anew.
      insert into public.maestro_sync_store as s (tenant_id, principal_id, store, record_id, envelope, gone, device_id)
        values (p_tenant_id, v_principal, v_item.store, v_item.record, v_item.envelope, v_item.gone, p_device_id)
        returning s.rev into v_rev;
      v_count := v_count + 1;
    end if;
    if v_rev is not null then
      v_stored := v_stored + v_size;
      v_own[cardinality(v_own) + 1] := v_item.store || '/' || v_item.record;
      v_pushed[v_item.place] := jsonb_build_object('accepted', true, 'rev', v_rev);
      continue;
    end if;
    v_size := octet_length(v_there.envelope);
    if v_given > 0 and v_given + v_size > c_bytes then
      v_pushed[v_item.place] := '{"accepted": false, "code": "LATER"}'::jsonb;
    else
      v_given := v_given + v_size;
      v_pushed[v_item.place] := jsonb_build_object('accepted', false,
        'row', public.maestro_envelope_row(v_there.store, v_there.record_id, v_there.rev, v_there.gone, v_there.envelope));
    end if;
  end loop;

  select coalesce(max(h.rev), 0) into v_head from public.maestro_sync_heads h where h.tenant_id = p_tenant_id and h.principal_id = v_principal;
  select coalesce(jsonb_agg(public.maestro_envelope_row(n.store, n.record_id, n.rev, n.gone, n.envelope) order by n.rev), '[]'::jsonb), max(n.rev)
    into v_rows, v_last
    from (
      select f.*, sum(f.bytes) over (order by f.rev) as through
        from (
          select a.store, a.record_id, a.rev, a.gone, a.envelope, octet_length(a.envelope) as bytes
            from public.maestro_sync_store a
            where a.tenant_id = p_tenant_id and a.principal_id = v_principal and a.rev > p_since and not (a.store || '/' || a.record_id = any (v_own))
            order by a.rev limit c_rows
        ) f
    ) n
    where n.through <= c_bytes or n.through = n.bytes;
  select exists (
    select from public.maestro_sync_store a
      where a.tenant_id = p_tenant_id and a.principal_id = v_principal and a.rev > coalesce(v_last, greatest(v_head, p_since))
        and not (a.store || '/' || a.record_id = any (v_own))
  ) into v_left;
  return jsonb_build_object(
    'pushed', to_jsonb(v_pushed),
    'rows', v_rows,
    -- Where everything that is left came while this was read, all before it has been read.
    'through', case when v_left then coalesce(v_last, greatest(v_head, p_since)) else greatest(v_head, v_last, 0) end,
    'more', v_left);
end
$$;

revoke all on function public.maestro_sync_memory(text, text, bigint, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.maestro_sync_memory(text, text, bigint, jsonb) to authenticated;

-- Removes marks of deletions that are older than the ledger's retention, up to p_limit; call again while it gives p_limit. A device that was away
-- for longer brings back what was deleted meanwhile only if it changed it. For an operator, or daily by pg_cron, like maestro_forget_receipts.
create or replace function public.maestro_forget_deletions(p_limit integer default 10000) returns integer
  language plpgsql security definer set search_path = ''
as $$
declare
  v_forgotten integer;
begin
  with old as (
    select s.ctid from public.maestro_sync_store s
    where s.gone and s.updated_at < clock_timestamp() - make_interval(secs => public.maestro_retention_s())
    limit p_limit for update skip locked
  )
  delete from public.maestro_sync_store s using old where s.ctid = old.ctid;
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end
$$;
revoke all on function public.maestro_forget_deletions(integer) from public, anon, authenticated, service_role;
grant execute on function public.maestro_forget_deletions(integer) to service_role;
