-- MAESTRO: claiming and completing a receipt, each with its audit entry in the same transaction.
-- SECURITY DEFINER because callers may not write receipts or audit entries themselves; tenant and principal come from the verified token.

-- Answers, as JSON:
--   {"claimed": true, "fence", "retention_s"}                         the caller may run the effect, under this fence; with "begun_elsewhere": true
--                                                                     where another holder was granted it before and may have begun
--   {"claimed": false, "idempotent": true, "state", "result"}        it has ended before
--   {"claimed": false, "code": "IN_PROGRESS", "retry_after_s"}       another holder's lease is live
--   {"claimed": false, "code": "KEY_REUSED"}                         the key stands for another action or other parameters
-- The holder is named by its trace: the same trace takes its own unfinished receipt over at once, another one when the lease has ended.
create or replace function public.maestro_claim_receipt(
  p_tenant_id text, p_idempotency_key text, p_trace_id text, p_action text,
  p_params_digest text default null, p_lane text default null, p_device_id text default null
) returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_tenant constant text := v_claims -> 'app_metadata' ->> 'tenant_id';
  v_principal constant text := v_claims ->> 'sub';
  v_kind text := 'receipt.claimed';
  v_fence bigint := 1;
  v_digest text := p_params_digest;
  v_action text;
  v_trace text;
  v_state text;
  v_result text;
  v_lease_until timestamptz;
  v_begun_elsewhere boolean := false;
begin
  if v_tenant is null or v_principal is null or p_tenant_id is distinct from v_tenant then
    raise exception 'the token is not for this tenant' using errcode = '42501';
  end if;

  insert into public.maestro_execution_receipts
    (tenant_id, principal_id, idempotency_key, trace_id, action, params_digest, lane, device_id, lease_until)
  values (v_tenant, v_principal, p_idempotency_key, p_trace_id, p_action, p_params_digest, p_lane, p_device_id, clock_timestamp() + c_lease)
  on conflict (tenant_id, principal_id, idempotency_key) do nothing;

  if not found then
    select r.action, r.params_digest, r.trace_id, r.state, r.result, r.lease_until
      into v_action, v_digest, v_trace, v_state, v_result, v_lease_until
      from public.maestro_execution_receipts r
      where r.tenant_id = v_tenant and r.principal_id = v_principal and r.idempotency_key = p_idempotency_key
      for update;
    -- A device that has not unlocked the account sends no digest: where only one of the two is known there is nothing to compare.
    if v_action <> p_action or v_digest <> p_params_digest then
      return jsonb_build_object('claimed', false, 'code', 'KEY_REUSED');
    end if;
    if v_state <> 'claimed' then
      return jsonb_build_object('claimed', false, 'idempotent', true, 'state', v_state, 'result', v_result);
    end if;
    if v_trace <> p_trace_id and v_lease_until > clock_timestamp() then
      return jsonb_build_object('claimed', false, 'code', 'IN_PROGRESS',
        -- Mostly the other ends long before its lease does: whoever waits looks again soon.
        'retry_after_s', least(5, greatest(1, ceil(extract(epoch from v_lease_until - clock_timestamp()))::integer)));
    end if;
    v_kind := 'receipt.taken-over';
    update public.maestro_execution_receipts r
      set fence = r.fence + 1, begun_elsewhere = r.begun_elsewhere or r.trace_id <> p_trace_id, trace_id = p_trace_id, device_id = coalesce(p_device_id, r.device_id), lease_until = clock_timestamp() + c_lease,
        params_digest = coalesce(r.params_digest, p_params_digest)
      where r.tenant_id = v_tenant and r.principal_id = v_principal and r.idempotency_key = p_idempotency_key
      returning r.fence, r.begun_elsewhere, r.params_digest into v_fence, v_begun_elsewhere, v_digest;
  end if;

  perform public.maestro_append_audit(v_tenant, v_principal, v_kind, p_idempotency_key, p_trace_id, p_action, v_digest, v_fence, 'claimed', null);
  return jsonb_build_object('claimed', true, 'fence', v_fence, 'retention_s', public.maestro_retention_s())
    || case when v_begun_elsewhere then '{"begun_elsewhere": true}'::jsonb else '{}'::jsonb end;
end
$$;
revoke all on function public.maestro_claim_receipt(text, text, text, text, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_claim_receipt(text, text, text, text, text, text, text) to authenticated;

-- Answers {"completed": true}, or {"completed": false, "code": "FENCE_STALE" | "RECEIPT_UNKNOWN"}. The first terminal state stays:
-- the same fence and state again is a repeat (its answer was lost) and changes nothing; anything else is stale.
create or replace function public.maestro_complete_receipt(
  p_tenant_id text, p_idempotency_key text, p_fence bigint, p_state text, p_result text default null
) returns jsonb
  language plpgsql security definer set search_path = ''
as $$
declare
  v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_tenant constant text := v_claims -> 'app_metadata' ->> 'tenant_id';
  v_principal constant text := v_claims ->> 'sub';
  v_fence bigint;
  v_state text;
  v_trace text;
  v_action text;
  v_digest text;
begin
  if v_tenant is null or v_principal is null or p_tenant_id is distinct from v_tenant then
    raise exception 'the token is not for this tenant' using errcode = '42501';
  end if;
  if p_state is null or p_state not in ('done', 'dead', 'denied', 'expired', 'cancelled', 'refused') then
    raise exception 'not a terminal state' using errcode = '23514';
  end if;

  select r.fence, r.state, r.trace_id, r.action, r.params_digest into v_fence, v_state, v_trace, v_action, v_digest
    from public.maestro_execution_receipts r
    where r.tenant_id = v_tenant and r.principal_id = v_principal and r.idempotency_key = p_idempotency_key
    for update;
  if not found then
    return jsonb_build_object('completed', false, 'code', 'RECEIPT_UNKNOWN');
  end if;
  if v_fence is distinct from p_fence or v_state not in ('claimed', p_state) then
    return jsonb_build_object('completed', false, 'code', 'FENCE_STALE');
  end if;
  if v_state = p_state then
    return jsonb_build_object('completed', true);
  end if;

  update public.maestro_execution_receipts r
    set state = p_state, result = p_result, completed_at = clock_timestamp()
    where r.tenant_id = v_tenant and r.principal_id = v_principal and r.idempotency_key = p_idempotency_key;
  perform public.maestro_append_audit(v_tenant, v_principal, 'receipt.completed', p_idempotency_key, v_trace, v_action, v_digest, v_fence,
    p_state, p_result);
  return jsonb_build_object('completed', true);
end
$$;
revoke all on function public.maestro_complete_receipt(text, text, bigint, text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_complete_receipt(text, text, bigint, text, text) to authenticated;
