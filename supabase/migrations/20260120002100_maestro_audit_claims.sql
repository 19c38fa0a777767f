-- MAESTRO: one audit row for the many claims of one batch. A row of maestro_audit_logs is one link of the tenant's chain: as before it tells of one
-- entry, or (what large batches write) of all the claims that a batch made anew, as columns. Such a row takes as many numbers as it has claims and
-- bears the last of them. An index of its own finds it by each key.

alter table public.maestro_audit_logs alter column idempotency_key drop not null;
alter table public.maestro_audit_logs alter column trace_id drop not null;
alter table public.maestro_audit_logs alter column action drop not null;
alter table public.maestro_audit_logs add column if not exists keys text[];
alter table public.maestro_audit_logs add column if not exists traces text[];
alter table public.maestro_audit_logs add column if not exists actions text[];
-- One entry or many; a single short check, since every claim alone pays for it too.
alter table public.maestro_audit_logs add column if not exists digests text[] check ((keys is null) = (idempotency_key is not null));
-- Random keys and digests do not compress; trying costs more than all the rest of such a row.
alter table public.maestro_audit_logs alter column keys set storage external;
alter table public.maestro_audit_logs alter column traces set storage external;
alter table public.maestro_audit_logs alter column actions set storage external;
alter table public.maestro_audit_logs alter column digests set storage external;
-- Without a list of what is to be sorted in later: every batch pays for its own keys, and no lookup reads such a list.
create index if not exists maestro_audit_logs_keys on public.maestro_audit_logs using gin (keys) with (fastupdate = off) where keys is not null;

-- A link of many claims: SHA-256 over the hash before it and this JSON text, which lists the columns.
create or replace function public.maestro_audit_claims_hash(
  p_prev_hash bytea, p_tenant_id text, p_seq bigint, p_principal_id text, p_keys text[], p_traces text[], p_actions text[], p_digests text[],
  p_created_at timestamptz
) returns bytea
  language sql stable set search_path = ''
as $$
  select sha256(p_prev_hash || convert_to(concat('{"v": 2, "seq": ', p_seq, ', "kind": "receipt.claimed", "fence": 1, "state": "claimed", "tenant_id": ',
    to_json(p_tenant_id), ', "created_at": "', to_char(p_created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '", "principal_id": ',
    to_json(p_principal_id), ', "keys": ', array_to_json(p_keys), ', "traces": ', array_to_json(p_traces), ', "actions": ', array_to_json(p_actions),
    ', "digests": ', array_to_json(p_digests), '}'), 'UTF8'))
$$;
revoke all on function public.maestro_audit_claims_hash(bytea, text, bigint, text, text[], text[], text[], text[], timestamptz)
  from public, anon, authenticated, service_role;

-- The audit of claims that were all made anew under the first fence: a row for each of a few, one row for many. Callable only from
-- maestro_settle_batch, when it has locked all its receipts.
create or replace function public.maestro_append_claims(
  p_tenant_id text, p_principal_id text, p_keys text[], p_traces text[], p_actions text[], p_digests text[]
) returns void
  language plpgsql set search_path = ''
as $$
declare
  c_rows_max constant integer := 25;
  v_count constant integer := cardinality(p_keys);
  v_at timestamptz;
  v_seq bigint;
  v_prev bytea;
  v_hash bytea;
begin
  if v_count <= c_rows_max then
    perform public.maestro_append_audits(p_tenant_id, p_principal_id, array_fill('receipt.claimed'::text, array[v_count]), p_keys, p_traces, p_actions,
      p_digests, array_fill(1::bigint, array[v_count]), array_fill('claimed'::text, array[v_count]), array_fill(null::text, array[v_count]));
    return;
  end if;
  insert into public.maestro_audit_heads (tenant_id, seq, hash) values (p_tenant_id, 0, decode(repeat('00', 32), 'hex'))
    on conflict (tenant_id) do nothing;
  select seq + v_count, hash into v_seq, v_prev from public.maestro_audit_heads where tenant_id = p_tenant_id for update;
  v_at := clock_timestamp();
  v_hash := public.maestro_audit_claims_hash(v_prev, p_tenant_id, v_seq, p_principal_id, p_keys, p_traces, p_actions, p_digests, v_at);
  insert into public.maestro_audit_logs (tenant_id, seq, principal_id, kind, fence, state, created_at, prev_hash, hash, keys, traces, actions, digests)
    values (p_tenant_id, v_seq, p_principal_id, 'receipt.claimed', 1, 'claimed', v_at, v_prev, v_hash, p_keys, p_traces, p_actions, p_digests);
  update public.maestro_audit_heads set seq = v_seq, hash = v_hash where tenant_id = p_tenant_id;
end
$$;
revoke all on function public.maestro_append_claims(text, text, text[], text[], text[], text[]) from public, anon, authenticated, service_role;

-- What is there of a receipt's audit, also of one that was forgotten: [{"seq", "kind", "state", "fence", "trace_id", "at", "hash"}].
create or replace function public.maestro_audit_of(p_tenant_id text, p_principal_id text, p_key text) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('seq', l.seq - coalesce(cardinality(l.keys) - array_position(l.keys, p_key), 0), 'kind', l.kind,
    'state', l.state, 'fence', l.fence, 'trace_id', coalesce(l.trace_id, l.traces[array_position(l.keys, p_key)]), 'at', l.created_at,
    'hash', encode(l.hash, 'hex')) order by l.seq), '[]')
  from (
    select * from public.maestro_audit_logs s where s.tenant_id = p_tenant_id and s.idempotency_key = p_key
    union all
    select * from public.maestro_audit_logs m where m.keys @> array[p_key] and m.tenant_id = p_tenant_id
  ) l
  where l.principal_id = p_principal_id
$$;
revoke all on function public.maestro_audit_of(text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_audit_of(text, text, text) to service_role;

-- As it was, over links of one entry or many: a part ends with the link that brings its entries to p_limit; "broken_at" is the first entry of the link
-- that is wrong.
create or replace function public.maestro_verify_audit_part(p_tenant_id text, p_after bigint, p_hash text, p_limit integer) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with part as materialized (
    select l.*, coalesce(cardinality(l.keys), 1) as entries from public.maestro_audit_logs l
    where l.tenant_id = p_tenant_id and l.seq > p_after
      and l.seq < p_limit + (select min(f.seq) from public.maestro_audit_logs f where f.tenant_id = p_tenant_id and f.seq > p_after)
    order by l.seq limit p_limit
  ), chain as (
    select l.seq - l.entries + 1 as first, l.seq, l.entries, l.hash, l.prev_hash,
      lag(l.seq, 1, nullif(p_after, 0)) over (order by l.seq) as before_seq,
      lag(l.hash, 1, case when p_after > 0 then decode(p_hash, 'hex') end) over (order by l.seq) as before_hash,
      case when l.keys is null
        then public.maestro_audit_hash(l.prev_hash, l.tenant_id, l.seq, l.principal_id, l.kind, l.idempotency_key, l.trace_id, l.action,
          l.params_digest, l.fence, l.state, l.result_digest, l.created_at)
        else public.maestro_audit_claims_hash(l.prev_hash, l.tenant_id, l.seq, l.principal_id, l.keys, l.traces, l.actions, l.digests, l.created_at)
      end as expected
    from part l
  ), judged as (
    select coalesce(sum(entries), 0) as entries, min(first) as first_seq, coalesce(max(seq), p_after) as through,
      min(first) filter (where hash is distinct from expected
        or (before_seq is not null and (before_seq + 1 <> first or before_hash is distinct from prev_hash))) as broken_at
    from chain
  ), ended as (
    select j.*, coalesce((select encode(c.hash, 'hex') from chain c where c.seq = j.through), p_hash) as hash,
      not exists (select from public.maestro_audit_logs l where l.tenant_id = p_tenant_id and l.seq > j.through) as complete
    from judged j
  ), told as (
    select e.*, coalesce(e.broken_at, case when e.complete and e.through > 0 and not exists (
        select from public.maestro_audit_heads h where h.tenant_id = p_tenant_id and h.seq = e.through and encode(h.hash, 'hex') = e.hash)
      then e.through + 1 end) as wrong_at
    from ended e
  )
  select jsonb_build_object('intact', t.wrong_at is null, 'entries', t.entries, 'first_seq', t.first_seq, 'broken_at', t.wrong_at,
    'through', t.through, 'hash', t.hash, 'complete', t.complete or t.wrong_at is not null)
  from told t
$$;
revoke all on function public.maestro_verify_audit_part(text, bigint, text, integer) from public, anon, authenticated, service_role;
grant execute on function public.maestro_verify_audit_part(text, bigint, text, integer) to service_role;

-- The whole chain at once: {"intact", "entries", "first_seq", "broken_at"}.
create or replace function public.maestro_verify_audit(p_tenant_id text) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  select public.maestro_verify_audit_part(p_tenant_id, 0, null, 2147483647) - 'through' - 'hash' - 'complete'
$$;
revoke all on function public.maestro_verify_audit(text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_verify_audit(text) to service_role;
