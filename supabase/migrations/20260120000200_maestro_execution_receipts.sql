-- MAESTRO: one row per action a principal asked for. The primary key is what makes an effect happen once across devices.
-- Rows are written by maestro_claim_receipt and maestro_complete_receipt only; a principal may read their own.

create table if not exists public.maestro_execution_receipts (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  idempotency_key text not null check (char_length(idempotency_key) between 1 and 255),
  trace_id text not null check (char_length(trace_id) between 1 and 255),
  action text not null check (char_length(action) between 1 and 255),
  -- SHA-256 of the canonical parameters; the parameters themselves never come here.
  params_digest text check (params_digest ~ '^[0-9a-f]{64}$'),
  lane text check (lane in ('GREEN', 'YELLOW', 'RED', 'BLOCKED')),
  device_id text check (char_length(device_id) between 1 and 128),
  -- Rises with every take-over; a completion under an older fence is refused.
  fence bigint not null default 1 check (fence >= 1),
  state text not null default 'claimed' check (state in ('claimed', 'done', 'dead', 'denied', 'expired', 'cancelled', 'refused')),
  -- An envelope as base64url: a low version byte first (so `A`; JSON and HTML begin otherwise), then header, salt, commitment and tag: 78 bytes or more.
  result text check (result ~ '^A[A-Za-z0-9_-]+$' and char_length(result) between 104 and 524288),
  lease_until timestamptz not null,
  -- Another holder was granted it before the present one, and may have begun: where a back end keeps no keys, that is a question, not a go-ahead.
  begun_elsewhere boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  completed_at timestamptz,
  primary key (tenant_id, principal_id, idempotency_key),
  check ((state = 'claimed') = (completed_at is null)),
  check (state <> 'claimed' or result is null)
);

-- Health counts the claims of the present day.
create index if not exists maestro_execution_receipts_created_at on public.maestro_execution_receipts (created_at);

alter table public.maestro_execution_receipts enable row level security;
revoke all on table public.maestro_execution_receipts from public, anon, authenticated, service_role;
grant select on table public.maestro_execution_receipts to authenticated, service_role;

drop policy if exists maestro_receipts_read_own on public.maestro_execution_receipts;
create policy maestro_receipts_read_own on public.maestro_execution_receipts for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));
