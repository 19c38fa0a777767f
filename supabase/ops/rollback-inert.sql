-- MAESTRO rollback: keeps the tables and says so on them. Nothing is written while MAESTRO is disabled; old receipts go on de-duplicating when it
-- is enabled again. May be run again, and on a database without the tables.
do $$
declare
  v_table record;
begin
  for v_table in select * from (values
    ('maestro_execution_receipts', 'INERT: MAESTRO is disabled. Receipts of past actions; keep them, so that a re-enabled MAESTRO repeats none.'),
    ('maestro_sync_store', 'INERT: MAESTRO is disabled. Encrypted blobs that only their owners can open.'),
    ('maestro_audit_logs', 'INERT: MAESTRO is disabled. Append-only audit log; safe to keep or to truncate by its owner.')) as t(name, says)
  loop
    if to_regclass('public.' || v_table.name) is not null then
      execute format('comment on table public.%I is %L', v_table.name, v_table.says);
    end if;
  end loop;
end
$$;
