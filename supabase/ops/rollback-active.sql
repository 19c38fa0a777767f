-- The way back from rollback-inert.sql: takes the comments off again. May be run again, and on a database without the tables.
do $$
declare
  v_name text;
begin
  foreach v_name in array array['maestro_execution_receipts', 'maestro_sync_store', 'maestro_audit_logs'] loop
    if to_regclass('public.' || v_name) is not null then
      execute format('comment on table public.%I is null', v_name);
    end if;
  end loop;
end
$$;
