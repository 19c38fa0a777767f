-- MAESTRO: batches at the speed of an insert. Claims come as columns, which PostgreSQL reads several times faster than JSON records, and keys that
-- are all new, as a queue's mostly are, are written by a plain insert. A batch with a key that is known goes the way of maestro_claim_receipts.

-- One step of the chain, as before, looking names up nowhere but where it says, as the database's advisors ask of every function.
create or replace function public.maestro_audit_hash(
  p_prev_hash bytea, p_tenant_id text, p_seq bigint, p_principal_id text, p_kind text, p_idempotency_key text, p_trace_id text,
  p_action text, p_params_digest text, p_fence bigint, p_state text, p_result_digest text, p_created_at timestamptz
) returns bytea
  language sql stable set search_path = ''
as $$
  select sha256(p_prev_hash || convert_to(jsonb_build_object(
    'v', 1, 'tenant_id', p_tenant_id, 'seq', p_seq, 'principal_id', p_principal_id, 'kind', p_kind, 'idempotency_key', p_idempotency_key,
    'trace_id', p_trace_id, 'action', p_action, 'params_digest', p_params_digest, 'fence', p_fence, 'state', p_state,
    'result_digest', p_result_digest, 'created_at', to_char(p_created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  )::text, 'UTF8'))
$$;

-- Appends one entry, as before, in one statement instead of three: the head is locked, read, and moved on. A row that waited for its lock is read anew.
create or replace function public.maestro_append_audit(
  p_tenant_id text, p_principal_id text, p_kind text, p_idempotency_key text, p_trace_id text, p_action text, p_params_digest text,
  p_fence bigint, p_state text, p_result text
) returns void
  language plpgsql set search_path = ''
as $$
declare
  v_result_digest constant text := case when p_result is not null then encode(sha256(convert_to(p_result, 'UTF8')), 'hex') end;
begin
  loop
    with before as (
      select h.seq + 1 as seq, h.hash, clock_timestamp() as at from public.maestro_audit_heads h where h.tenant_id = p_tenant_id for update
    ), made as (
      insert into public.maestro_audit_logs (tenant_id, seq, principal_id, kind, idempotency_key, trace_id, action, params_digest, fence, state,
        result_digest, created_at, prev_hash, hash)
      select p_tenant_id, b.seq, p_principal_id, p_kind, p_idempotency_key, p_trace_id, p_action, p_params_digest, p_fence, p_state,
        -- maestro_audit_hash, written out: a function with a fixed path costs more than the hash, on every claim's way.
        v_result_digest, b.at, b.hash, sha256(b.hash || convert_to(jsonb_build_object(
          'v', 1, 'tenant_id', p_tenant_id, 'seq', b.seq, 'principal_id', p_principal_id, 'kind', p_kind, 'idempotency_key', p_idempotency_key,
          'trace_id', p_trace_id, 'action', p_action, 'params_digest', p_params_digest, 'fence', p_fence, 'state', p_state,
          'result_digest', v_result_digest, 'created_at', to_char(b.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )::text, 'UTF8'))
      from before b
      returning seq, hash
    )
    update public.maestro_audit_heads h set seq = m.seq, hash = m.hash from made m where h.tenant_id = p_tenant_id;
    exit when found;
    insert into public.maestro_audit_heads (tenant_id, seq, hash) values (p_tenant_id, 0, decode(repeat('00', 32), 'hex'))
      on conflict (tenant_id) do nothing;
  end loop;
end
$$;
revoke all on function public.maestro_append_audit(text, text, text, text, text, text, text, bigint, text, text)
  from public, anon, authenticated, service_role;

-- The audit entries of claims that were all made anew under the first fence. Callable only from maestro_settle_batch, when it has locked all its receipts.
create or replace function public.maestro_append_claims(
  p_tenant_id text, p_principal_id text, p_keys text[], p_traces text[], p_actions text[], p_digests text[]
) returns void
  language plpgsql set search_path = ''
as $$
declare
  v_count constant integer := cardinality(p_keys);
begin
  perform public.maestro_append_audits(p_tenant_id, p_principal_id, array_fill('receipt.claimed'::text, array[v_count]), p_keys, p_traces, p_actions,
    p_digests, array_fill(1::bigint, array[v_count]), array_fill('claimed'::text, array[v_count]), array_fill(null::text, array[v_count]));
end
$$;
revoke all on function public.maestro_append_claims(text, text, text[], text[], text[], text[]) from public, anon, authenticated, service_role;

-- What maestro_sync_batch does, with the claims as columns of one length; a digest or lane that is not known is null.
create or replace function public.maestro_settle_batch(
  p_tenant_id text, p_device_id text, p_keys text[], p_traces text[], p_actions text[], p_digests text[], p_lanes text[], p_completions jsonb,
  p_audit jsonb
) returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  c_items_max constant integer := 500;
  c_lease constant interval := interval '60 seconds';
  v_jwt constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_tenant constant text := v_jwt -> 'app_metadata' ->> 'tenant_id';
  v_principal constant text := v_jwt ->> 'sub';
  v_count constant integer := cardinality(p_keys);
  v_are_new boolean := true;
  v_answers jsonb[];
  v_kinds text[];
  v_audit jsonb;
  ended record;
  claimed record;
begin
  if v_tenant is null or v_principal is null or p_tenant_id is distinct from v_tenant then
    raise exception 'the token is not for this tenant' using errcode = '42501';
  end if;
  if v_count + jsonb_array_length(p_completions) + jsonb_array_length(p_audit) > c_items_max then
    raise exception 'more than % items', c_items_max using errcode = '23514';
  end if;
  if array[cardinality(p_traces), cardinality(p_actions), cardinality(p_digests), cardinality(p_lanes)] <> array_fill(v_count, array[4]) then
    raise exception 'columns of different lengths' using errcode = '23514';
  end if;

  -- One principal's batches go one after the other, so in which order they lock receipts cannot matter. A claim alone locks one receipt, then the
  -- tenant's head; a batch locks all its receipts, then the head. Nobody waits for a receipt while holding the head, so nobody waits in a circle.
  perform pg_advisory_xact_lock(hashtextextended(v_tenant || chr(10) || v_principal, 20260120));
  v_audit := public.maestro_append_device_audit(v_tenant, v_principal, p_device_id, p_audit);
  select * into ended from public.maestro_complete_receipts(v_tenant, v_principal, p_completions);
  begin
    insert into public.maestro_execution_receipts
      (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, lease_until)
    select v_tenant, v_principal, unnest(p_keys), unnest(p_traces), unnest(p_actions), unnest(p_digests), unnest(p_lanes), p_device_id,
      clock_timestamp() + c_lease;
  exception when unique_violation then
    v_are_new := false;
  end;

  v_kinds := array_fill('receipt.completed'::text, array[cardinality(ended.keys)]);
  if v_are_new then
    v_answers := array_fill('{"claimed": true, "fence": 1}'::jsonb, array[v_count]);
  else
    select * into claimed from public.maestro_claim_receipts(v_tenant, v_principal, p_device_id, (
      select jsonb_agg(jsonb_build_object('idempotency_key', t.key, 'trace_id', t.trace, 'action', t.action, 'params_digest', t.digest, 'lane', t.lane)
        order by t.place)
      from unnest(p_keys, p_traces, p_actions, p_digests, p_lanes) with ordinality as t(key, trace, action, digest, lane, place)));
    v_answers := claimed.answers;
    v_kinds := v_kinds || claimed.kinds;
    ended.states := ended.states || array_fill('claimed'::text, array[cardinality(claimed.keys)]);
    ended.result_digests := ended.result_digests || array_fill(null::text, array[cardinality(claimed.keys)]);
    ended.keys := ended.keys || claimed.keys;
    ended.traces := ended.traces || claimed.traces;
    ended.actions := ended.actions || claimed.actions;
    ended.digests := ended.digests || claimed.digests;
    ended.fences := ended.fences || claimed.fences;
  end if;
  perform public.maestro_append_audits(v_tenant, v_principal, v_kinds, ended.keys, ended.traces, ended.actions, ended.digests, ended.fences,
    ended.states, ended.result_digests);
  if v_are_new and v_count > 0 then
    perform public.maestro_append_claims(v_tenant, v_principal, p_keys, p_traces, p_actions, p_digests);
  end if;

  return jsonb_build_object('claims', v_answers, 'completions', ended.answers, 'audit', v_audit,
    'retention_s', public.maestro_retention_s(),
    'server_time', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'kill_version', (select coalesce(max(d.version), 0) from public.maestro_kill_documents d));
end
$$;
revoke all on function public.maestro_settle_batch(text, text, text[], text[], text[], text[], text[], jsonb, jsonb)
  from public, anon, authenticated, service_role;
grant execute on function public.maestro_settle_batch(text, text, text[], text[], text[], text[], text[], jsonb, jsonb) to authenticated;

-- For functions that were deployed before this migration.
create or replace function public.maestro_sync_batch(p_tenant_id text, p_device_id text, p_claims jsonb, p_completions jsonb, p_audit jsonb)
  returns jsonb
  language sql security definer set search_path = ''
as $$
  select public.maestro_settle_batch(p_tenant_id, p_device_id, coalesce(array_agg(t.idempotency_key), '{}'), coalesce(array_agg(t.trace_id), '{}'),
    coalesce(array_agg(t.action), '{}'), coalesce(array_agg(t.params_digest), '{}'), coalesce(array_agg(t.lane), '{}'), p_completions, p_audit)
  from jsonb_to_recordset(p_claims) as t(idempotency_key text, trace_id text, action text, params_digest text, lane text)
$$;
revoke all on function public.maestro_sync_batch(text, text, jsonb, jsonb, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.maestro_sync_batch(text, text, jsonb, jsonb, jsonb) to authenticated;
