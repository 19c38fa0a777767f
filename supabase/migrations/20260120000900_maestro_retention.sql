-- MAESTRO: how long the ledger remembers a key, and how it forgets.

-- Seconds a terminal receipt is kept: 90 days, as maestro_claim_receipt promises to whoever claims. Devices reconcile older work instead of replaying it.
create or replace function public.maestro_retention_s() returns integer
  language sql immutable set search_path = ''
as $$
  select 90 * 86400
$$;
revoke all on function public.maestro_retention_s() from public, anon, authenticated, service_role;
grant execute on function public.maestro_retention_s() to authenticated, service_role;

-- Removes up to p_limit receipts that ended longer than the retention ago, over all tenants, and gives their number; call again while it gives p_limit.
-- A receipt that was claimed and never ended stays, however old: its effect may have happened. Audit entries stay. Rows in use are left for the next call.
-- For an operator, or daily by pg_cron: select cron.schedule('maestro-forget', '17 3 * * *', 'select public.maestro_forget_receipts()');
create or replace function public.maestro_forget_receipts(p_limit integer default 10000) returns integer
  language plpgsql security definer set search_path = ''
as $$
declare
  v_before constant timestamptz := clock_timestamp() - make_interval(secs => public.maestro_retention_s());
  v_forgotten integer;
begin
  -- No receipt ends before it is made, so the index on created_at finds them.
  with old as (
    select r.ctid from public.maestro_execution_receipts r
    where r.created_at < v_before and r.completed_at < v_before and r.state <> 'claimed'
    order by r.created_at limit p_limit
    for update skip locked
  )
  delete from public.maestro_execution_receipts r using old where r.ctid = old.ctid;
  get diagnostics v_forgotten = row_count;
  return v_forgotten;
end
$$;
revoke all on function public.maestro_forget_receipts(integer) from public, anon, authenticated, service_role;
grant execute on function public.maestro_forget_receipts(integer) to service_role;
