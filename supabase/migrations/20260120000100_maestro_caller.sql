-- MAESTRO: who is calling. The verified token's claims are put into `request.jwt.claims` by whoever opened the transaction
-- (PostgREST, or our functions); a table's policies and the functions below read tenant and principal from there and from nowhere else.

create or replace function public.maestro_caller_tenant() returns text
  language sql stable set search_path = ''
as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'tenant_id'
$$;

create or replace function public.maestro_caller_principal() returns text
  language sql stable set search_path = ''
as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;

revoke all on function public.maestro_caller_tenant() from public, anon, authenticated, service_role;
revoke all on function public.maestro_caller_principal() from public, anon, authenticated, service_role;
grant execute on function public.maestro_caller_tenant() to authenticated, service_role;
grant execute on function public.maestro_caller_principal() to authenticated, service_role;
