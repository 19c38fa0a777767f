-- MAESTRO: what a kill document says beyond its action: whom it is for, lanes it raises, how far it enables; and the operator's own signature,
-- where the server holds no key that may say it. A document for some only stands as `run` in maestro_kill_documents: whoever knows no scopes is not stopped by it.

create table if not exists public.maestro_kill_terms (
  version bigint primary key check (version >= 1),
  -- Which pinned key says it: `stop` is the server's and can only make things stricter, `resume` is the operator's.
  signer text not null check (signer in ('stop', 'resume')),
  -- {"action", "scopes", "raise", "rollout"} as they are signed.
  terms jsonb not null check (jsonb_typeof(terms) = 'object'),
  -- A compact JWS; null where the server signs when it is asked.
  document text check (octet_length(document) between 1 and 4096)
);

create or replace trigger maestro_kill_terms_append_only
  before update or delete on public.maestro_kill_terms
  for each statement execute function public.maestro_refuse_kill_change();

alter table public.maestro_kill_terms enable row level security;
revoke all on table public.maestro_kill_terms from public, anon, authenticated, service_role;
grant select on table public.maestro_kill_terms to anon, authenticated, service_role;

drop policy if exists maestro_kill_terms_read_all on public.maestro_kill_terms;
create policy maestro_kill_terms_read_all on public.maestro_kill_terms for select to anon, authenticated using (true);

-- Whoever holds a stream open hears of a document as soon as it is committed, whoever wrote it.
create or replace function public.maestro_tell_kill() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  perform pg_notify('maestro_kill', new.version::text);
  return null;
end
$$;
revoke all on function public.maestro_tell_kill() from public, anon, authenticated, service_role;

create or replace trigger maestro_kill_documents_tell
  after insert on public.maestro_kill_documents
  for each row execute function public.maestro_tell_kill();

-- Puts exactly this version in force. 23514 when it is not above the one in force: then it was decided on something that no longer holds.
create or replace function public.maestro_publish_kill_terms(
  p_version bigint, p_action text, p_reason text, p_incident text, p_signer text, p_terms jsonb, p_document text
) returns bigint
  language plpgsql security definer set search_path = ''
as $$
begin
  lock table public.maestro_kill_documents in share row exclusive mode;
  insert into public.maestro_kill_documents (version, action, reason, incident) values (p_version, p_action, p_reason, p_incident);
  insert into public.maestro_kill_terms (version, signer, terms, document) values (p_version, p_signer, p_terms, p_document);
  return p_version;
end
$$;
revoke all on function public.maestro_publish_kill_terms(bigint, text, text, text, text, jsonb, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_publish_kill_terms(bigint, text, text, text, text, jsonb, text) to service_role;
