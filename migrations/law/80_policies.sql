-- Who sees a row. One policy a role, is_sensitive a constant (the planner then never touches the other
-- partition, and EXPLAIN has nothing to tell), the identity look-up wrapped in a select (asked once).

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
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = %3$s)',
            role_name, group_name, (role_name = 'saps_liaison')::text
        );
        execute format(
            'create policy %1$s on muni.ticket_events for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)) and is_sensitive = %3$s)',
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
            'create policy %1$s on muni.status_transitions for select to %2$s using '
            '((select muni.municipality_as(%1$L)) is not null)',
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
            'create policy %1$s on muni.sla_policies for select to %2$s using '
            '(municipality_id = (select muni.municipality_as(%1$L)))',
            role_name, group_name
        );
    end loop;
end
$policies$;
