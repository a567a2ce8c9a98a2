-- Who may do what. Nobody but the owner has INSERT, UPDATE, DELETE or TRUNCATE on anything; the
-- functions granted here are the role table.

-- What was granted before goes first, be it by hand or by default privileges made by hand. Revoking
-- from a role takes its column grants along.
do $revoke$
declare
    item record;
begin
    for item in
        with granted (kind, name, acl, owner) as (
            select 'schema', n.oid::regnamespace::text, n.nspacl, n.nspowner
            from pg_catalog.pg_namespace as n
            where n.oid = 'muni'::regnamespace
            union all
            select
                case c.relkind when 'S' then 'sequence' else 'table' end,
                c.oid::regclass::text,
                a.acl,
                c.relowner
            from pg_catalog.pg_class as c
            cross join lateral (
                select c.relacl
                union all
                select b.attacl from pg_catalog.pg_attribute as b where b.attrelid = c.oid
            ) as a (acl)
            where c.relnamespace = 'muni'::regnamespace and c.relkind in ('r', 'p', 'S', 'v', 'm')
            union all
            select
                'routine',
                p.oid::regprocedure::text,
                coalesce(p.proacl, acldefault('f', p.proowner)),
                p.proowner
            from pg_catalog.pg_proc as p
            where p.pronamespace = 'muni'::regnamespace
        )
        select distinct
            g.kind,
            g.name,
            case a.grantee when 0 then 'public' else quote_ident(r.rolname) end as grantee
        from granted as g
        cross join lateral aclexplode(g.acl) as a
        left join pg_catalog.pg_roles as r on r.oid = a.grantee
        where a.grantee <> g.owner and g.owner in ('muni_owner'::regrole, 'muni_people'::regrole)
    loop
        execute format('revoke all on %s %s from %s cascade', item.kind, item.name, item.grantee);
    end loop;
end
$revoke$;

grant usage on schema muni to
muni_operator, muni_manager, muni_admin, muni_saps, muni_worker, muni_intake;

grant select on
muni.tickets, muni.ticket_events, muni.municipalities, muni.teams, muni.operators,
muni.status_transitions, muni.jobs, muni.suburbs, muni.presences, muni.duties, muni.saved_views,
muni.schema_version, muni.law_version
to muni_operator, muni_manager, muni_admin, muni_saps;
grant select on
muni.ticket_notes, muni.reporters, muni.sla_policies, muni.calendars, muni.calendar_windows,
muni.calendar_holidays, muni.alerts, muni.drafts
to muni_operator, muni_manager, muni_admin;
grant select on muni.audit_log to muni_manager, muni_admin;
grant select on muni.schema_version, muni.law_version to muni_worker, muni_intake;

-- Only from within the functions that manage people.
grant execute on function
muni._create_login(name, text, text),
muni._alter_login(name, text, bool),
muni._end_sessions(name)
to muni_owner;

-- Everybody at a desk.
grant execute on function
muni.municipality_as(text),
muni.planner_prunes(),
muni.whoami(),
muni.sla_state(
    text, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz
),
muni.log_ticket(
    text, text, text, text, double precision, double precision, text, text, text, bool, text, text, text, bool, uuid
),
muni.change_status(uuid, text, text, int, uuid),
muni.take_ticket(uuid, uuid),
muni.add_note(uuid, text, bool, uuid),
muni.record_contact(uuid, text, uuid),
muni.add_reporter(uuid, text, text, text, bool, uuid),
muni.settle_attempt(uuid),
muni.be_present(uuid),
muni.be_on_duty(),
muni.leave_duty(),
muni.save_view(int, text, jsonb, text),
muni.delete_view(int),
muni.escalate(uuid, text, int, uuid),
muni.record_denied(text),
muni.search_tickets(text, int),
muni.sweep_sla(interval),
muni.run_upkeep(interval)
to muni_operator, muni_manager, muni_admin, muni_saps;

grant execute on function muni.sweep_sla(interval), muni.run_upkeep(interval) to muni_worker;

grant execute on function muni.read_alerts(bigint []) to muni_operator, muni_manager, muni_admin;

grant execute on function
muni.assign_ticket(uuid, int, name, text, int, uuid),
muni.unassign_ticket(uuid, text, int, uuid),
muni.undo_assignment(uuid, bigint, uuid),
muni.propose_team(uuid),
muni.assign_tickets(uuid [], int [], int, name, text, bool, uuid),
muni.change_statuses(uuid [], int [], text, text, bool, uuid),
muni.add_notes(uuid [], text, bool, bool, uuid),
muni.undo_assignments(uuid [], bigint [], uuid)
to muni_manager, muni_admin, muni_saps;

grant execute on function
muni.open_confidential_report(text, text),
muni.read_confidential_report(uuid),
muni.read_confidential_notes(uuid),
muni.read_confidential_ticket(uuid),
muni.read_confidential_events(uuid),
muni.read_confidential_reporters(uuid)
to muni_admin, muni_saps;

grant execute on function
muni.similar_tickets(text, double precision, double precision, text, text),
muni.save_draft(text, jsonb, uuid),
muni.delete_draft(text, uuid, uuid)
to muni_operator, muni_manager, muni_admin;

grant execute on function muni.fresh_opening(text) to muni_admin;

grant execute on function muni.settle_denials() to muni_saps;

grant execute on function muni.mark_sensitive(uuid, text, uuid) to muni_operator, muni_manager, muni_admin;

grant execute on function
muni.sla_preview(text, text, timestamptz, jsonb, timestamptz, timestamptz)
to muni_operator, muni_manager, muni_admin;

grant execute on function
muni.preview_override(uuid, text, timestamptz),
muni.override_deadline(uuid, text, timestamptz, text, int, uuid),
muni.reclassify(uuid, text, text, int, uuid)
to muni_manager, muni_admin;

grant execute on function
muni.report_sla(timestamptz, timestamptz, text),
muni.begin_export(jsonb, text),
muni.count_exported(uuid, uuid []),
muni.end_export(uuid, bool)
to muni_manager, muni_admin;

grant execute on function
muni.create_operator(name, text, text, text, text),
muni.disable_operator(name),
muni.enable_operator(name),
muni.set_operator_team(name, text),
muni.reset_operator_password(name, text)
to muni_admin;

grant execute on function
muni.import_tickets(text, jsonb, bool),
muni.imported_before(text, text [])
to muni_admin;

grant execute on function
muni.apply_municipality(jsonb, bool, bool),
muni.recompute_clocks(text)
to muni_admin;

grant execute on function muni.log_ticket(
    text, text, text, text, double precision, double precision, text, text, text, bool, text, text, text, bool, uuid
) to muni_intake;
