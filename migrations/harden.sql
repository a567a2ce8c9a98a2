-- For a superuser, once a database, optional: closes what PostgreSQL itself shows to every role. Row counts,
-- sizes, locks and sessions tell that something happened behind the wall, though never what. Written to be
-- run again. Who watches the server as a member of pg_monitor goes on watching. What stays open is named in
-- docs/explanation/threat-model.md.

do $harden$
declare
    item record;
begin
    -- From anybody else a revoke on PostgreSQL's catalog is only a warning.
    if not (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) then
        raise exception 'only a superuser can close them' using errcode = '42501';
    end if;

    for item in
        select c.oid::regclass as name
        from pg_catalog.pg_class as c
        where
            c.relnamespace = 'pg_catalog'::regnamespace
            and c.relkind = 'v'
            and has_table_privilege('public', c.oid, 'select')
            and (
                c.relname ~ '^pg_stat(io)?_'
                or c.relname in ('pg_locks', 'pg_prepared_xacts', 'pg_replication_slots', 'pg_sequences')
            )
    loop
        execute format('revoke all on %s from public', item.name);
        execute format('grant select on %s to pg_monitor', item.name);
    end loop;

    for item in
        select p.oid::regprocedure as signature
        from pg_catalog.pg_proc as p
        where
            p.pronamespace = 'pg_catalog'::regnamespace
            and has_function_privilege('public', p.oid, 'execute')
            and (
                p.proname ~ '^pg_stat_get_'
                -- Who waits for whom.
                or p.proname in (
                    'pg_lock_status', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids',
                    'pg_isolation_test_session_is_blocked', 'pg_get_multixact_members', 'pg_prepared_xact'
                )
                -- How much there is.
                or p.proname in (
                    'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size',
                    'pg_database_size', 'pg_tablespace_size', 'pg_relation_filepath', 'pg_relation_filenode',
                    'pg_sequence_last_value'
                )
                -- When something was written, how much of it, and to which table.
                or p.proname in (
                    'pg_xact_commit_timestamp', 'pg_xact_commit_timestamp_origin', 'pg_last_committed_xact',
                    'pg_current_wal_lsn', 'pg_current_wal_insert_lsn', 'pg_current_wal_flush_lsn',
                    'pg_get_replication_slots', 'pg_available_wal_summaries', 'pg_wal_summary_contents',
                    'pg_get_wal_summarizer_state'
                )
            )
    loop
        execute format('revoke execute on function %s from public', item.signature);
        execute format('grant execute on function %s to pg_monitor', item.signature);
    end loop;
end
$harden$;

-- Ending the sessions of somebody who was disabled takes finding them.
grant select on pg_catalog.pg_stat_activity to muni_people;
grant execute on function pg_catalog.pg_stat_get_activity(int) to muni_people;
