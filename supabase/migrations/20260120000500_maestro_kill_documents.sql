-- MAESTRO: what the operator has said, oldest first. The newest version is in force; versions only rise and nothing is taken back.

create table if not exists public.maestro_kill_documents (
  version bigint primary key check (version >= 1),
  issued timestamptz not null default clock_timestamp(),
  action text not null check (action in ('run', 'readonly', 'drain', 'kill', 'safe-worker')),
  reason text check (char_length(reason) between 1 and 500),
  incident text check (char_length(incident) between 1 and 128)
);

insert into public.maestro_kill_documents (version, action)
  select 1, 'run' where not exists (select from public.maestro_kill_documents);

create or replace function public.maestro_refuse_kill_change() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
revoke all on function public.maestro_refuse_kill_change() from public, anon, authenticated, service_role;

create or replace function public.maestro_refuse_old_kill() returns trigger
  language plpgsql set search_path = ''
as $$
begin
  if exists (select from public.maestro_kill_documents d where d.version >= new.version) then
    raise exception 'kill version % is not above the one in force', new.version using errcode = '23514';
  end if;
  return new;
end
$$;
revoke all on function public.maestro_refuse_old_kill() from public, anon, authenticated, service_role;

create or replace trigger maestro_kill_documents_append_only
  before update or delete on public.maestro_kill_documents
  for each statement execute function public.maestro_refuse_kill_change();

create or replace trigger maestro_kill_documents_monotone
  before insert on public.maestro_kill_documents
  for each row execute function public.maestro_refuse_old_kill();

alter table public.maestro_kill_documents enable row level security;
revoke all on table public.maestro_kill_documents from public, anon, authenticated, service_role;
grant select on table public.maestro_kill_documents to anon, authenticated, service_role;

drop policy if exists maestro_kill_documents_read_all on public.maestro_kill_documents;
create policy maestro_kill_documents_read_all on public.maestro_kill_documents for select to anon, authenticated using (true);

-- Puts the next version in force and gives its number. The lock keeps two operators from making the same number.
create or replace function public.maestro_publish_kill(p_action text, p_reason text default null, p_incident text default null) returns bigint
  language plpgsql security definer set search_path = ''
as $$
declare
  v_version bigint;
begin
  lock table public.maestro_kill_documents in share row exclusive mode;
  insert into public.maestro_kill_documents (version, action, reason, incident)
    select coalesce(max(d.version), 0) + 1, p_action, p_reason, p_incident from public.maestro_kill_documents d
    returning version into v_version;
  return v_version;
end
$$;
revoke all on function public.maestro_publish_kill(text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.maestro_publish_kill(text, text, text) to service_role;
