-- MAESTRO: many claims and completions, and a device's audit entries, in one transaction. Each item is answered as maestro_claim_receipt and
-- maestro_complete_receipt would answer it alone, and an item that is refused changes nothing for the others.
-- Receipts are found one by one through their primary key, never by a join that could read all of a principal's.

-- Appends entries to the tenant's chain, in their order, under one lock of its head; the arrays are of one length. The same hashes as
-- maestro_audit_hash, whose JSON text is written out here because building it as jsonb costs most of a batch. Callable only from
-- maestro_sync_batch, when it has locked all its receipts.
create or replace function public.maestro_append_audits(
  p_tenant_id text, p_principal_id text, p_kinds text[], p_idempotency_keys text[], p_trace_ids text[], p_actions text[],
  p_params_digests text[], p_fences bigint[], p_states text[], p_result_digests text[]
) returns void
  language plpgsql set search_path = ''
as $$
declare
  v_at constant timestamptz := clock_timestamp();
  v_tenant constant text := ', "tenant_id": ' || to_json(p_tenant_id) || ', "created_at": "'
    || to_char(v_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '", "principal_id": ' || to_json(p_principal_id)
    || ', "params_digest": ';
  v_count constant integer := cardinality(p_idempotency_keys);
  v_head bigint;
  v_hash bytea;
  v_hashes bytea[];
  v_body bytea;
  v_place integer := 1;
begin
  if v_count = 0 then
    return;
  end if;
  insert into public.maestro_audit_heads (tenant_id, seq, hash) values (p_tenant_id, 0, decode(repeat('00', 32), 'hex'))
    on conflict (tenant_id) do nothing;
  select seq, hash into v_head, v_hash from public.maestro_audit_heads where tenant_id = p_tenant_id for update;

  v_hashes := array[v_hash];
  for v_body in
    select convert_to('{"v": 1, "seq": ' || v_head + e.place || ', "kind": "' || e.kind || '", "fence": ' || e.fence
      || ', "state": "' || e.state || '", "action": ' || to_json(e.action) || ', "trace_id": ' || to_json(e.trace_id) || v_tenant
      || coalesce('"' || e.params_digest || '"', 'null') || ', "result_digest": ' || coalesce('"' || e.result_digest || '"', 'null')
      || ', "idempotency_key": ' || to_json(e.idempotency_key) || '}', 'UTF8')
    from unnest(p_kinds, p_idempotency_keys, p_trace_ids, p_actions, p_params_digests, p_fences, p_states, p_result_digests)
      with ordinality as e(kind, idempotency_key, trace_id, action, params_digest, fence, state, result_digest, place)
  loop
    v_hash := sha256(v_hash || v_body);
    v_place := v_place + 1;
    v_hashes[v_place] := v_hash;
  end loop;

  insert into public.maestro_audit_logs (tenant_id, seq, principal_id, kind, idempotency_key, trace_id, action, params_digest, fence, state,
    result_digest, created_at, prev_hash, hash)
  select p_tenant_id, v_head + e.place, p_principal_id, e.kind, e.idempotency_key, e.trace_id, e.action, e.params_digest, e.fence, e.state,
    e.result_digest, v_at, e.prev_hash, e.hash
  from unnest(p_kinds, p_idempotency_keys, p_trace_ids, p_actions, p_params_digests, p_fences, p_states, p_result_digests,
    v_hashes[:v_count], v_hashes[2:]) with ordinality
    as e(kind, idempotency_key, trace_id, action, params_digest, fence, state, result_digest, prev_hash, hash, place);
  update public.maestro_audit_heads set seq = v_head + v_count, hash = v_hash where tenant_id = p_tenant_id;
end
$$;
revoke all on function public.maestro_append_audits(text, text, text[], text[], text[], text[], text[], bigint[], text[], text[])
  from public, anon, authenticated, service_role;

-- Completes receipts [{"idempotency_key", "fence", "state", "result"}] of one principal. Gives an answer for each, in their order, and the
-- columns of the audit entries that are due. Callable only from maestro_sync_batch.
create or replace function public.maestro_complete_receipts(
  p_tenant_id text, p_principal_id text, p_completions jsonb, out answers jsonb[], out keys text[], out traces text[], out actions text[],
  out digests text[], out fences bigint[], out states text[], out result_digests text[]
)
  language plpgsql set search_path = ''
as $$
declare
  v_code text;
  v_due integer := 0;
  c record;
  v_receipt record;
begin
  answers := '{}'; keys := '{}'; traces := '{}'; actions := '{}'; digests := '{}'; fences := '{}'; states := '{}'; result_digests := '{}';
  for c in
    select * from rows from (jsonb_to_recordset(p_completions) as (idempotency_key text, fence bigint, state text, result text))
      with ordinality as t(idempotency_key, fence, state, result, place)
  loop
    if c.state is null or c.state not in ('done', 'dead', 'denied', 'expired', 'cancelled', 'refused') then
      raise exception 'not a terminal state' using errcode = '23514';
    end if;
    select r.fence, r.state, r.trace_id, r.action, r.params_digest into v_receipt from public.maestro_execution_receipts r
      where r.tenant_id = p_tenant_id and r.principal_id = p_principal_id and r.idempotency_key = c.idempotency_key
      for update;
    v_code := case
      when not found then 'RECEIPT_UNKNOWN'
      when v_receipt.fence is distinct from c.fence or v_receipt.state not in ('claimed', c.state) then 'FENCE_STALE'
    end;
    if v_code is null and v_receipt.state = 'claimed' then
      update public.maestro_execution_receipts r set state = c.state, result = c.result, completed_at = clock_timestamp()
        where r.tenant_id = p_tenant_id and r.principal_id = p_principal_id and r.idempotency_key = c.idempotency_key;
      v_due := v_due + 1;
      keys[v_due] := c.idempotency_key;
      traces[v_due] := v_receipt.trace_id;
      actions[v_due] := v_receipt.action;
      digests[v_due] := v_receipt.params_digest;
      fences[v_due] := c.fence;
      states[v_due] := c.state;
      result_digests[v_due] := encode(sha256(convert_to(c.result, 'UTF8')), 'hex');
    end if;
    answers[c.place] := case when v_code is null then '{"completed": true}'::jsonb
      else jsonb_build_object('completed', false, 'code', v_code) end;
  end loop;
end
$$;
revoke all on function public.maestro_complete_receipts(text, text, jsonb) from public, anon, authenticated, service_role;

-- Claims receipts [{"idempotency_key", "trace_id", "action", "params_digest"?, "lane"?}] for one principal's device. Gives an answer for each, in
-- their order, and the columns of the audit entries that are due: what was made, then what was taken over. A claim that stands twice in one batch is
-- granted once and answered twice: a row that this transaction has written is not taken over. Callable only from maestro_sync_batch.
create or replace function public.maestro_claim_receipts(
  p_tenant_id text, p_principal_id text, p_device_id text, p_claims jsonb, out answers jsonb[], out kinds text[], out keys text[],
  out traces text[], out actions text[], out digests text[], out fences bigint[]
)
  language plpgsql set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- Characters of results in one answer; a receipt whose result does not fit is to be asked for again. One result always fits.
  c_results_max constant integer := 1048576;
  v_lanes text[];
  v_made text[];
  v_due integer;
  v_results integer := 0;
  c record;
  v_receipt record;
begin
  select coalesce(array_agg(t.idempotency_key), '{}'), coalesce(array_agg(t.trace_id), '{}'), coalesce(array_agg(t.action), '{}'),
      coalesce(array_agg(t.params_digest), '{}'), array_agg(t.lane)
    into keys, traces, actions, digests, v_lanes
    from jsonb_to_recordset(p_claims) as t(idempotency_key text, trace_id text, action text, params_digest text, lane text);
  -- Of a key that stands twice the first is made.
  with made as (
    insert into public.maestro_execution_receipts
      (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, lease_until)
    select p_tenant_id, p_principal_id, t.idempotency_key, t.trace_id, t.action, t.params_digest, t.lane, p_device_id, clock_timestamp() + c_lease
    from unnest(keys, traces, actions, digests, v_lanes) as t(idempotency_key, trace_id, action, params_digest, lane)
    on conflict (tenant_id, principal_id, idempotency_key) do nothing
    returning idempotency_key
  )
  select coalesce(array_agg(m.idempotency_key), '{}') into v_made from made m;
  v_due := cardinality(v_made);
  kinds := array_fill('receipt.claimed'::text, array[v_due]);
  fences := array_fill(1::bigint, array[v_due]);
  if v_due = cardinality(keys) then
    answers := array_fill('{"claimed": true, "fence": 1}'::jsonb, array[v_due]);
    return;
  end if;

  select coalesce(array_agg(f.idempotency_key), '{}'), coalesce(array_agg(f.trace_id), '{}'), coalesce(array_agg(f.action), '{}'),
      coalesce(array_agg(f.params_digest), '{}')
    into keys, traces, actions, digests
    from (
      select d.* from (
        select distinct on (t.idempotency_key) t.*
        from unnest(keys, traces, actions, digests) with ordinality as t(idempotency_key, trace_id, action, params_digest, place)
        where t.idempotency_key in (select unnest(v_made))
        order by t.idempotency_key, t.place
      ) d order by d.place
    ) f;

  for c in
    select * from rows from (jsonb_to_recordset(p_claims) as (idempotency_key text, trace_id text, action text, params_digest text))
      with ordinality as t(idempotency_key, trace_id, action, params_digest, place)
  loop
    select r.action, r.params_digest, r.trace_id, r.state, r.result, r.lease_until, r.fence, r.begun_elsewhere, r.xmin = pg_current_xact_id()::xid as granted
      into v_receipt
      from public.maestro_execution_receipts r
      where r.tenant_id = p_tenant_id and r.principal_id = p_principal_id and r.idempotency_key = c.idempotency_key
      for update;
    if not found then
      -- It was there a moment ago and has just been forgotten.
      answers[c.place] := jsonb_build_object('claimed', false, 'code', 'IN_PROGRESS', 'retry_after_s', 1);
    elsif v_receipt.action <> c.action or v_receipt.params_digest <> c.params_digest then
      answers[c.place] := jsonb_build_object('claimed', false, 'code', 'KEY_REUSED');
    elsif v_receipt.state <> 'claimed' then
      v_results := v_results + coalesce(char_length(v_receipt.result), 0);
      answers[c.place] := case when v_receipt.result is null or v_results <= c_results_max
        then jsonb_build_object('claimed', false, 'idempotent', true, 'state', v_receipt.state, 'result', v_receipt.result)
        else jsonb_build_object('claimed', false, 'code', 'IN_PROGRESS', 'retry_after_s', 1) end;
    elsif v_receipt.trace_id <> c.trace_id and v_receipt.lease_until > clock_timestamp() then
      answers[c.place] := jsonb_build_object('claimed', false, 'code', 'IN_PROGRESS',
        -- Mostly the other ends long before its lease does: whoever waits looks again soon.
        'retry_after_s', least(5, greatest(1, ceil(extract(epoch from v_receipt.lease_until - clock_timestamp()))::integer)));
    else
      if not v_receipt.granted then
        update public.maestro_execution_receipts r
          set fence = r.fence + 1, begun_elsewhere = r.begun_elsewhere or r.trace_id <> c.trace_id, trace_id = c.trace_id, device_id = p_device_id, lease_until = clock_timestamp() + c_lease,
            params_digest = coalesce(r.params_digest, c.params_digest)
          where r.tenant_id = p_tenant_id and r.principal_id = p_principal_id and r.idempotency_key = c.idempotency_key
          returning r.fence, r.begun_elsewhere, r.params_digest into v_receipt.fence, v_receipt.begun_elsewhere, v_receipt.params_digest;
        v_due := v_due + 1;
        kinds[v_due] := 'receipt.taken-over';
        keys[v_due] := c.idempotency_key;
        traces[v_due] := c.trace_id;
        actions[v_due] := c.action;
        digests[v_due] := v_receipt.params_digest;
        fences[v_due] := v_receipt.fence;
      end if;
      answers[c.place] := jsonb_build_object('claimed', true, 'fence', v_receipt.fence)
        || case when v_receipt.begun_elsewhere then '{"begun_elsewhere": true}'::jsonb else '{}'::jsonb end;
    end if;
  end loop;
end
$$;
revoke all on function public.maestro_claim_receipts(text, text, text, jsonb) from public, anon, authenticated, service_role;

-- The three lists of a device, at most 500 items together; completions count as asked before claims. Gives {"claims": […], "completions": […],
-- "audit": {…}, "retention_s", "server_time", "kill_version"}: an answer for each item, in the order asked.
create or replace function public.maestro_sync_batch(p_tenant_id text, p_device_id text, p_claims jsonb, p_completions jsonb, p_audit jsonb)
  returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  c_items_max constant integer := 500;
  v_jwt constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_tenant constant text := v_jwt -> 'app_metadata' ->> 'tenant_id';
  v_principal constant text := v_jwt ->> 'sub';
  v_audit jsonb;
  ended record;
  claimed record;
begin
  if v_tenant is null or v_principal is null or p_tenant_id is distinct from v_tenant then
    raise exception 'the token is not for this tenant' using errcode = '42501';
  end if;
  if jsonb_array_length(p_claims) + jsonb_array_length(p_completions) + jsonb_array_length(p_audit) > c_items_max then
    raise exception 'more than % items', c_items_max using errcode = '23514';
  end if;

  -- One principal's batches go one after the other, so in which order they lock receipts cannot matter. A claim alone locks one receipt, then the
  -- tenant's head; a batch locks all its receipts, then the head. Nobody waits for a receipt while holding the head, so nobody waits in a circle.
  perform pg_advisory_xact_lock(hashtextextended(v_tenant || chr(10) || v_principal, 20260120));
  v_audit := public.maestro_append_device_audit(v_tenant, v_principal, p_device_id, p_audit);
  select * into ended from public.maestro_complete_receipts(v_tenant, v_principal, p_completions);
  select * into claimed from public.maestro_claim_receipts(v_tenant, v_principal, p_device_id, p_claims);
  perform public.maestro_append_audits(v_tenant, v_principal,
    array_fill('receipt.completed'::text, array[cardinality(ended.keys)]) || claimed.kinds, ended.keys || claimed.keys,
    ended.traces || claimed.traces, ended.actions || claimed.actions, ended.digests || claimed.digests, ended.fences || claimed.fences,
    ended.states || array_fill('claimed'::text, array[cardinality(claimed.kinds)]),
    ended.result_digests || array_fill(null::text, array[cardinality(claimed.kinds)]));

  return jsonb_build_object('claims', claimed.answers, 'completions', ended.answers, 'audit', v_audit,
    'retention_s', public.maestro_retention_s(),
    'server_time', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'kill_version', (select coalesce(max(d.version), 0) from public.maestro_kill_documents d));
end
$$;
revoke all on function public.maestro_sync_batch(text, text, jsonb, jsonb, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.maestro_sync_batch(text, text, jsonb, jsonb, jsonb) to authenticated;
