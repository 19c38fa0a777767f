-- MAESTRO: what a device keeps on the server, as envelopes only the device's owner can open. The server sees names, sizes and times.

create table if not exists public.maestro_sync_store (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  store text not null check (store ~ '^[a-z][a-z0-9_]{0,63}$'),
  record_id text not null check (char_length(record_id) between 1 and 255),
  -- Version byte first, then at least salt (24), commitment (32) and tag (16); text, JSON and HTML begin with other bytes.
  envelope bytea not null check (octet_length(envelope) between 78 and 1048576 and get_byte(envelope, 0) between 1 and 8),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, principal_id, store, record_id)
);

alter table public.maestro_sync_store enable row level security;
revoke all on table public.maestro_sync_store from public, anon, authenticated, service_role;
-- Written by maestro_sync_memory only, which bounds how much one person keeps here.
grant select on table public.maestro_sync_store to authenticated;
grant select, insert, update, delete on table public.maestro_sync_store to service_role;

drop policy if exists maestro_sync_store_read_own on public.maestro_sync_store;
create policy maestro_sync_store_read_own on public.maestro_sync_store for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));
