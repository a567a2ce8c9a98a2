"""Every seeded row is one that the law's own functions would have written."""

from __future__ import annotations

import psycopg
from support.database import Database

from municonsole.db import migrate
from municonsole.demo import seed
from municonsole.domain.values import Role


def test_every_link_of_every_chain_is_the_databases_own(owner: psycopg.Connection) -> None:
    """The history of no demo ticket looks tampered with."""
    wrong = owner.execute("""
        with link as (
            select
                e.*,
                coalesce(
                    lag(e.chain) over (partition by e.ticket_id order by e.seq),
                    sha256(convert_to(e.ticket_id::text, 'UTF8'))
                ) as before
            from ticket_events as e
        )
        select count(*), count(*) filter (
            where chain is distinct from event_digest(
                before, seq, kind, actor, via, at, from_status, to_status, team_id, assignee, data,
                note_digest
            )
        )
        from link
    """).fetchone()

    assert wrong[0] > 25_000
    assert wrong[1] == 0


def test_every_note_is_the_one_its_event_has_the_digest_of(owner: psycopg.Connection) -> None:
    """A note belongs to its event, and every event with a digest has its note."""
    for notes, side in (("ticket_notes", "false"), ("confidential_notes", "true")):
        events, with_note, matching = owner.execute(f"""
            select
                count(*), count(n.event_id),
                count(*) filter (where e.note_digest = sha256(n.salt || convert_to(n.note, 'UTF8')))
            from ticket_events as e
            left join {notes} as n on n.event_id = e.id and n.ticket_id = e.ticket_id
                and n.municipality_id = e.municipality_id
            where e.is_sensitive = {side} and e.note_digest is not null
        """).fetchone()
        (notes_in_all,) = owner.execute(f"select count(*) from {notes}").fetchone()

        assert events > 100
        assert events == with_note == matching == notes_in_all


def test_every_ticket_is_what_its_events_say(owner: psycopg.Connection) -> None:
    """Status, assignment, clocks, version and times of a ticket follow from its history."""
    owner.execute("""
        create function replayed(made tickets) returns tickets language plpgsql stable as $$
        declare
            t tickets;
            e ticket_events;
        begin
            t.id := made.id;
            t.municipality_id := made.municipality_id;
            t.is_sensitive := made.is_sensitive;
            t.category := made.category;
            t.created_at := made.created_at;
            t.status := 'open';
            t.version := 0;
            t.paused_for := interval '0';
            t.response_overridden := false;
            t.resolution_overridden := false;
            t := muni._date_clocks(t);
            for e in
                select x.* from muni.ticket_events as x
                where x.ticket_id = t.id and x.is_sensitive = t.is_sensitive order by x.seq
            loop
                if e.to_status is not null then
                    t := muni._move_clocks(t, e.to_status, e.at);
                end if;
                if e.kind = 'assigned' then
                    t.assigned_team_id := e.team_id;
                    t.assigned_to := e.assignee;
                end if;
                if e.kind <> 'viewed' then
                    t.version := t.version + 1;
                    t.updated_at := e.at;
                end if;
                t.last_seq := e.seq;
                t.chain := e.chain;
            end loop;
            return t;
        end
        $$
    """)
    columns = [
        "status", "version", "last_seq", "chain", "created_at", "updated_at", "assigned_team_id",
        "assigned_to", "first_responded_at", "resolved_at", "paused_at", "paused_for", "escalated_at",
        "sla_response_deadline", "sla_resolution_deadline", "sla_response_warning_at",
        "sla_resolution_warning_at",
    ]  # fmt: skip
    total, wrong = owner.execute(f"""
        select count(*), array_agg(distinct d.name) from tickets as t
        cross join lateral (select r.* from replayed(t) as r) as r
        left join lateral (
            values {", ".join(f"('{c}', t.{c} is distinct from r.{c})" for c in columns)}
        ) as d (name, differs) on d.differs
    """).fetchone()

    assert wrong == [None]
    assert total == 5000


def test_search_looks_through_what_the_law_would_have_it_look_through(
    owner: psycopg.Connection,
) -> None:
    """A demo ticket is found by the same words as one that was typed in."""
    total, matching = owner.execute("""
        select count(*), count(*) filter (
            where s.doc = _search_text(t) and s.created_at = t.created_at
                and s.municipality_id = t.municipality_id
        )
        from tickets as t
        join ticket_search as s on s.ticket_id = t.id and s.is_sensitive = t.is_sensitive
    """).fetchone()

    assert total == matching == 5000


def test_every_ticket_has_its_number_and_the_number_its_day(owner: psycopg.Connection) -> None:
    """A tracking number tells the local day on which it was given, and is in the register."""
    total, matching = owner.execute("""
        select count(*), count(n.tracking_number) filter (
            where substr(t.tracking_number, 5, 8)
                = to_char(t.created_at at time zone m.time_zone, 'YYYYMMDD')
        )
        from tickets as t
        join municipalities as m on m.id = t.municipality_id
        left join tracking_numbers as n on n.tracking_number = t.tracking_number
    """).fetchone()

    assert total == matching == 5000


def test_tickets_make_legal_moves_only_by_those_who_may(owner: psycopg.Connection) -> None:
    """No demo ticket has moved in a way or by a hand that the console would refuse."""
    illegal = owner.execute("""
        select e.kind, e.from_status, e.to_status, e.actor
        from ticket_events as e
        left join status_transitions as s
            on s.from_status = e.from_status and s.to_status = e.to_status
        left join operators as o on o.username = e.actor and o.municipality_id = e.municipality_id
        where
            (e.seq = 1) <> (e.kind = 'created' and e.from_status is null and e.to_status = 'open')
            or (e.seq > 1 and e.to_status is not null and s.roles is null)
            or (
                case
                    when e.via = 'sweep' then e.actor <> 'system'
                    when o.role is null then true
                    when e.kind = 'status_changed' then o.role <> all (s.roles)
                    when e.kind = 'assigned' and e.assignee is distinct from e.actor and e.seq > 2
                        then o.role = 'operator'
                end
            )
    """).fetchall()

    assert illegal == []


def test_work_is_given_only_to_those_who_can_be_given_it(owner: psycopg.Connection) -> None:
    """An operator has tickets of the own team only; a SAPS team has GBV reports and nothing else."""
    wrong = owner.execute("""
        select e.ticket_id, e.seq from ticket_events as e
        join teams as tm on tm.id = e.team_id
        left join operators as o on o.username = e.assignee
        where e.kind = 'assigned' and (
            tm.municipality_id <> e.municipality_id
            or tm.is_saps <> e.is_sensitive
            or o.municipality_id <> e.municipality_id
            or (o.role = 'saps_liaison') <> e.is_sensitive
            or (o.role in ('operator', 'saps_liaison') and o.team_id is distinct from tm.id)
        )
    """).fetchall()

    assert wrong == []


def test_events_come_in_the_order_of_time(owner: psycopg.Connection) -> None:
    """A history reads forwards: each event follows the last in time and status, ids in time too."""
    wrong = owner.execute("""
        with step as (
            select
                e.*,
                lag(e.at) over history as before,
                lag(e.seq) over history as previous,
                lag(e.at) over (partition by e.is_sensitive order by e.id) as id_before
            from ticket_events as e
            window history as (partition by e.ticket_id order by e.seq)
        )
        select ticket_id, seq from step
        where at <= before or seq <> coalesce(previous, 0) + 1 or at < id_before
    """).fetchall()
    broken = owner.execute("""
        with move as (
            select from_status, lag(to_status) over (partition by ticket_id order by seq) as was
            from ticket_events where to_status is not null
        )
        select * from move where from_status is distinct from was
    """).fetchall()

    assert wrong == []
    assert broken == []


def test_the_next_event_gets_the_next_id(owner: psycopg.Connection) -> None:
    """What happens in the console after the seed never collides with it."""
    for side in ("municipal", "sensitive"):
        highest, following = owner.execute(f"""
            select (select max(id) from ticket_events_{side}), nextval('ticket_events_{side}_id')
        """).fetchone()

        assert following == highest + 1


def test_the_schema_is_as_the_upgrade_made_it(seeded: Database) -> None:
    """Filling the database leaves no index, grant or policy changed behind."""
    found = migrate.check(seeded.owner_dsn, password=seeded.owner_password)

    assert found == []


def test_sweeps_give_what_is_late_to_the_teams_manager(owner: psycopg.Connection) -> None:
    """A breach that was found is escalated with its reason and lies on the manager's desk."""
    found, wrong = owner.execute("""
        select count(*), count(*) filter (
            where not (
                e.at > t.created_at
                and t.escalation_reason ~ '^(response|resolution)_breach [(]overdue by [0-9.]+ h[)]$'
                and given.kind = 'assigned' and given.via = 'sweep' and given.assignee = tm.manager
            )
        )
        from ticket_events as e
        join tickets as t on t.id = e.ticket_id and t.is_sensitive = e.is_sensitive
        left join ticket_events as given on given.ticket_id = e.ticket_id and given.seq = e.seq + 1
        left join teams as tm on tm.id = given.team_id
        where e.kind = 'sla_breached' and e.to_status = 'escalated' and given.seq is not null
    """).fetchone()

    assert found > 50
    assert wrong == 0


def test_the_people_are_those_that_can_log_in(owner: psycopg.Connection) -> None:
    """Everybody whose login the demo makes is an active operator of the database, and nobody else."""
    rows = owner.execute("""
        select o.username, o.role, m.code, o.full_name, t.name
        from operators as o
        join municipalities as m on m.id = o.municipality_id
        left join teams as t on t.id = o.team_id
        where o.is_active
    """).fetchall()
    people = {
        (p.username, p.role.value, p.municipality, p.full_name, p.team) for p in seed.people(1)
    }

    assert set(rows) == people
    assert len(rows) >= 12
    assert {role for _, role, code, _, _ in rows if code == "tvd"} == {r.value for r in Role}
    assert sum(code == "tvd" for _, _, code, _, _ in rows) >= 8
    assert sum(code == "ksb" for _, _, code, _, _ in rows) >= 5
