-- MAESTRO: the passkeys with which people prove who they are when they approve. Only the function maestro-passkey writes here, after a fresh login
-- or an assertion of a passkey that is here already: whoever holds no more than an access token can add none.

create table if not exists public.maestro_passkeys (
  tenant_id text not null check (char_length(tenant_id) between 1 and 128),
  principal_id text not null check (char_length(principal_id) between 1 and 128),
  -- Base64url, as WebAuthn names it.
  credential_id text not null check (credential_id ~ '^[A-Za-z0-9_-]+$' and char_length(credential_id) <= 1400),
  algorithm text not null check (algorithm in ('ES256', 'EdDSA')),
  -- A SubjectPublicKeyInfo, base64url.
  public_key text not null check (public_key ~ '^[A-Za-z0-9_-]+$' and char_length(public_key) <= 256),
  -- The host that it is for.
  rp_id text not null check (char_length(rp_id) between 1 and 255),
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  primary key (tenant_id, principal_id, credential_id)
);

alter table public.maestro_passkeys enable row level security;
revoke all on table public.maestro_passkeys from public, anon, authenticated, service_role;
grant select on table public.maestro_passkeys to authenticated;
grant select, update on table public.maestro_passkeys to service_role;

drop policy if exists maestro_passkeys_read_own on public.maestro_passkeys;
create policy maestro_passkeys_read_own on public.maestro_passkeys for select to authenticated
  using (tenant_id = (select public.maestro_caller_tenant()) and principal_id = (select public.maestro_caller_principal()));

-- Adds a passkey. False when the person has too many, when another key stands under its id, or when it was revoked: the same again is taken.
create or replace function public.maestro_register_passkey(
  p_tenant_id text, p_principal_id text, p_credential_id text, p_algorithm text, p_public_key text, p_rp_id text
)
  returns boolean
  language plpgsql security definer set search_path = ''
as $$
declare
  c_passkeys_max constant integer := 100;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_tenant_id || chr(10) || p_principal_id, 20260122));
  if (select count(*) from public.maestro_passkeys k
      where k.tenant_id = p_tenant_id and k.principal_id = p_principal_id and k.revoked_at is null) < c_passkeys_max then
    insert into public.maestro_passkeys (tenant_id, principal_id, credential_id, algorithm, public_key, rp_id)
      values (p_tenant_id, p_principal_id, p_credential_id, p_algorithm, p_public_key, p_rp_id)
      on conflict (tenant_id, principal_id, credential_id) do nothing;
  end if;
  return exists (select from public.maestro_passkeys k
    where k.tenant_id = p_tenant_id and k.principal_id = p_principal_id and k.credential_id = p_credential_id and k.algorithm = p_algorithm
      and k.public_key = p_public_key and k.rp_id = p_rp_id and k.revoked_at is null);
end
$$;
revoke all on function public.maestro_register_passkey(text, text, text, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_register_passkey(text, text, text, text, text, text) to service_role;
