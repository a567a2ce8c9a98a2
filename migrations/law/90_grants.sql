-- Who may do what. Nobody but the owner has INSERT, UPDATE, DELETE or TRUNCATE on anything; the
-- functions granted here are the role table.

revoke all on all tables in schema muni from public;
revoke all on all sequences in schema muni from public;
revoke all on all functions in schema muni from public;

grant usage on schema muni to
muni_operator, muni_manager, muni_admin, muni_saps, muni_worker, muni_intake;

grant select on
muni.tickets, muni.ticket_events, muni.municipalities, muni.teams, muni.operators,
muni.status_transitions, muni.schema_version, muni.law_version
to muni_operator, muni_manager, muni_admin, muni_saps;
grant select on muni.ticket_notes, muni.sla_policies to muni_operator, muni_manager, muni_admin;
grant select on muni.schema_version, muni.law_version to muni_worker, muni_intake;

-- Everybody at a desk.
grant execute on function
muni.municipality_as(text),
muni.whoami(),
muni.sla_state(
    text, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz
),
muni.log_ticket(
    text, text, text, text, double precision, double precision, text, text, text, bool, text, text
),
muni.change_status(uuid, text, text, int),
muni.take_ticket(uuid),
muni.add_note(uuid, text, bool),
muni.search_tickets(text, int)
to muni_operator, muni_manager, muni_admin, muni_saps;

grant execute on function muni.assign_ticket(uuid, int, name, text, int)
to muni_manager, muni_admin, muni_saps;

grant execute on function
muni.open_confidential_report(text, text),
muni.read_confidential_report(uuid),
muni.read_confidential_notes(uuid),
muni.read_confidential_ticket(uuid),
muni.read_confidential_events(uuid)
to muni_admin, muni_saps;

grant execute on function muni.import_tickets(text, jsonb, bool), muni.imported_before(text, text [])
to muni_admin;

grant execute on function muni.log_ticket(
    text, text, text, text, double precision, double precision, text, text, text, bool, text, text
) to muni_intake;
