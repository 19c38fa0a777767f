-- MAESTRO: the server's audit chain, one per tenant. Append-only: no role may change or delete a row, not even the owner
-- (who may truncate the whole table); a changed, missing or reordered row breaks the hashes after it.

create table if not exists public.maestro_audit_logs (
  tenant_id text not null,
  seq bigint not null check (seq >= 1),
  principal_id text not null,
  kind text not null check (kind in ('receipt.claimed', 'receipt.taken-over', 'receipt.completed')),
  idempotency_key text not null,
  trace_id text not null,
  action text not null,
  params_digest text,
  fence bigint not null,
  state text not null,
  -- SHA-256, hex, of the result's envelope as stored.
  result_digest text,
  created_at timestamptz not null,
  prev_hash bytea not null check (octet_length(prev_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (tenant_id, seq)
);

-- Operators look entries up by the key they know, and by time.
create index if not exists maestro_audit_logs_key on public.maestro_audit_logs (tenant_id, idempotency_key);
create index if not exists maestro_audit_logs_created_at on public.maestro_audit_logs using brin (created_at);

create or replace function public.maestro_refuse_change() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
revoke all on function public.maestro_refuse_change() from public, anon, authenticated, service_role;

create or replace trigger maestro_audit_logs_append_only
  before update or delete on public.maestro_audit_logs
  for each statement execute function public.maestro_refuse_change();

alter table public.maestro_audit_logs enable row level security;
revoke all on table public.maestro_audit_logs from public, anon, authenticated, service_role;
grant select on table public.maestro_audit_logs to authenticated, service_role;

drop policy if exists maestro_audit_logs_read_own on public.maestro_audit_logs;
create policy maestro_audit_logs_read_own on public.maestro_audit_logs for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- The end of each tenant's chain. Locked for every append, so that numbers and hashes follow commits without gaps.
create table if not exists public.maestro_audit_heads (
  tenant_id text primary key,
  seq bigint not null check (seq >= 0),
  hash bytea not null check (octet_length(hash) = 32)
);

alter table public.maestro_audit_heads enable row level security;
revoke all on table public.maestro_audit_heads from public, anon, authenticated, service_role;
grant select on table public.maestro_audit_heads to authenticated, service_role;

drop policy if exists maestro_audit_heads_read_tenant on public.maestro_audit_heads;
create policy maestro_audit_heads_read_tenant on public.maestro_audit_heads for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()));

-- One step of the chain: SHA-256 over the previous hash and the entry as JSON text (jsonb orders its keys; times are UTC with microseconds).
-- Without a search path of its own, so that its two callers, which have one, can inline it: a fixed path costs more than the hash.
create or replace function public.maestro_audit_hash(
  p_prev_hash bytea, p_tenant_id text, p_seq bigint, p_principal_id text, p_kind text, p_idempotency_key text, p_trace_id text,
  p_action text, p_params_digest text, p_fence bigint, p_state text, p_result_digest text, p_created_at timestamptz
) returns bytea
  language sql stable
as $$
  select sha256(p_prev_hash || convert_to(jsonb_build_object(
    'v', 1, 'tenant_id', p_tenant_id, 'seq', p_seq, 'principal_id', p_principal_id, 'kind', p_kind, 'idempotency_key', p_idempotency_key,
    'trace_id', p_trace_id, 'action', p_action, 'params_digest', p_params_digest, 'fence', p_fence, 'state', p_state,
    'result_digest', p_result_digest, 'created_at', to_char(p_created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  )::text, 'UTF8'))
$$;
revoke all on function public.maestro_audit_hash(bytea, text, bigint, text, text, text, text, text, text, bigint, text, text, timestamptz)
  from public, anon, authenticated, service_role;

-- Appends one entry. Callable only from the functions that change receipts, in their transaction.
create or replace function public.maestro_append_audit(
  p_tenant_id text, p_principal_id text, p_kind text, p_idempotency_key text, p_trace_id text, p_action text, p_params_digest text,
  p_fence bigint, p_state text, p_result text
) returns void
  language plpgsql set search_path = ''
as $$
declare
  v_seq bigint;
  v_prev bytea;
  v_hash bytea;
  v_at timestamptz;
  v_result_digest text := case when p_result is not null then encode(sha256(convert_to(p_result, 'UTF8')), 'hex') end;
begin
  select seq, hash into v_seq, v_prev from public.maestro_audit_heads where tenant_id = p_tenant_id for update;
  if not found then
    insert into public.maestro_audit_heads (tenant_id, seq, hash) values (p_tenant_id, 0, decode(repeat('00', 32), 'hex'))
      on conflict (tenant_id) do nothing;
    select seq, hash into v_seq, v_prev from public.maestro_audit_heads where tenant_id = p_tenant_id for update;
  end if;
  v_seq := v_seq + 1;
  v_at := clock_timestamp();
  v_hash := public.maestro_audit_hash(v_prev, p_tenant_id, v_seq, p_principal_id, p_kind, p_idempotency_key, p_trace_id, p_action,
    p_params_digest, p_fence, p_state, v_result_digest, v_at);
  insert into public.maestro_audit_logs (tenant_id, seq, principal_id, kind, idempotency_key, trace_id, action, params_digest, fence, state,
    result_digest, created_at, prev_hash, hash)
  values (p_tenant_id, v_seq, p_principal_id, p_kind, p_idempotency_key, p_trace_id, p_action, p_params_digest, p_fence, p_state,
    v_result_digest, v_at, v_prev, v_hash);
  update public.maestro_audit_heads set seq = v_seq, hash = v_hash where tenant_id = p_tenant_id;
end
$$;
revoke all on function public.maestro_append_audit(text, text, text, text, text, text, text, bigint, text, text)
  from public, anon, authenticated, service_role;

-- Recomputes a tenant's chain for an operator: {"intact", "entries", "broken_at"}. A truncated beginning is told by "first_seq".
create or replace function public.maestro_verify_audit(p_tenant_id text) returns jsonb
  language sql stable security definer set search_path = ''
as $$
  with chain as (
    select l.seq, l.hash, l.prev_hash,
      lag(l.seq) over (order by l.seq) as before_seq,
      lag(l.hash) over (order by l.seq) as before_hash,
      public.maestro_audit_hash(l.prev_hash, l.tenant_id, l.seq, l.principal_id, l.kind, l.idempotency_key, l.trace_id, l.action,
        l.params_digest, l.fence, l.state, l.result_digest, l.created_at) as expected
    from public.maestro_audit_logs l where l.tenant_id = p_tenant_id
  ), judged as (
    select count(*) as entries, min(seq) as first_seq, max(seq) as last_seq,
      min(seq) filter (where hash <> expected or (before_seq is not null and (before_seq + 1 <> seq or before_hash <> prev_hash))) as broken_at
    from chain
  ), tail as (
    select h.seq, h.hash = (select c.hash from chain c where c.seq = h.seq) as matches
    from public.maestro_audit_heads h where h.tenant_id = p_tenant_id
  )
  select jsonb_build_object(
    'intact', j.broken_at is null and (j.entries = 0 or coalesce((select t.matches and t.seq = j.last_seq from tail t), false)),
    'entries', j.entries, 'first_seq', j.first_seq,
    'broken_at', coalesce(j.broken_at, case when j.entries > 0 and not coalesce((select t.matches and t.seq = j.last_seq from tail t), false)
      then j.last_seq + 1 end))
  from judged j
$$;
revoke all on function public.maestro_verify_audit(text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_verify_audit(text) to service_role;
