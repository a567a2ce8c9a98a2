-- Who sees a row. One policy a role, is_sensitive a constant (the planner then never touches the other
-- partition, and EXPLAIN has nothing to tell), the identity look-up wrapped in a select (asked once).

-- A session may switch the planner's pruning off, and EXPLAIN ANALYZE would then count the rows of the
-- other side that a policy removed. So a session that has done so sees no ticket at all. Called immutable,
-- which it is not, to be asked when a statement is planned, as pruning is, and kept in a cached plan with it.
create function muni.planner_prunes() returns bool
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return current_setting('enable_partition_pruning')::bool;
end
$$;
comment on function muni.planner_prunes() is
'Whether this session''s plans leave partitions out that a policy rules out. For policies.';

do $policies$
declare
    role_name text;
    group_name text;
begin
    for role_name, group_name in
        values
        ('operator', 'muni_operator'), ('manager', 'muni_manager'),
        ('admin', 'muni_admin'), ('saps_liaison', 'muni_saps')
    loop
        -- Municipal roles see municipal tickets, the SAPS liaison sees GBV reports; nobody sees both.
        execute format(
            'create policy %1$s on muni.tickets for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = %3$s '
            'and muni.planner_prunes())',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );
        execute format(
            'create policy %1$s on muni.ticket_events for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = %3$s '
            'and muni.planner_prunes())',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );

        execute format(
            'create policy %1$s on muni.municipalities for select to %2$s using '
            '(id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.teams for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        -- Who the SAPS liaisons are is not for municipal colleagues to know.
        execute format(
            'create policy %1$s on muni.operators for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and (role <> ''saps_liaison'' or %3$s))',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );
        execute format(
            'create policy %1$s on muni.suburbs for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        -- Who looks at a ticket is for those who see the ticket.
        execute format(
            'create policy %1$s on muni.presences for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = %3$s '
            'and muni.planner_prunes())',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );
        -- Who is at work is for colleagues of the same side of the wall.
        execute format(
            'create policy %1$s on muni.duties for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_saps = %3$s)',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );
        execute format(
            'create policy %1$s on muni.saved_views for select to %2$s using '
            '(owner = session_user and (select muni.municipality_as(%1$L)) is not null)',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.status_transitions for select to %2$s using '
            '((select muni.municipality_as(%1$L)) is not null)',
            role_name, group_name
        );
        -- When the clocks were last looked after, and by whom.
        execute format(
            'create policy %1$s on muni.jobs for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
    end loop;

    -- Municipal by key, so municipal by policy too.
    for role_name, group_name in
        values ('operator', 'muni_operator'), ('manager', 'muni_manager'), ('admin', 'muni_admin')
    loop
        execute format(
            'create policy %1$s on muni.ticket_notes for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.reporters for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = false)',
            role_name, group_name
        );
        if role_name <> 'operator' then
            execute format(
                'create policy %1$s on muni.audit_log for select to %2$s using '
                '(municipality_id = (select muni.municipality_as(%1$L)))',
                role_name, group_name
            );
        end if;
        execute format(
            'create policy %1$s on muni.sla_policies for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.calendars for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.calendar_windows for select to %2$s using '
            '(calendar_id in (select c.id from muni.calendars as c '
            'where c.municipality_id = (select muni.municipality_as(%1$L))))',
            role_name, group_name
        );
        execute format(
            'create policy %1$s on muni.calendar_holidays for select to %2$s using '
            '(calendar_id in (select c.id from muni.calendars as c '
            'where c.municipality_id = (select muni.municipality_as(%1$L))))',
            role_name, group_name
        );
        -- An alert is for one colleague, and nobody else reads it.
        execute format(
            'create policy %1$s on muni.alerts for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and recipient = session_user)',
            role_name, group_name
        );
        -- A draft is its author's.
        execute format(
            'create policy %1$s on muni.drafts for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and author = session_user)',
            role_name, group_name
        );
    end loop;
end
$policies$;
