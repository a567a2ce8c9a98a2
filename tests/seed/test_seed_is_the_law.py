"""Every seeded row is one that the law's own functions would have written."""

from __future__ import annotations

import psycopg
from seed.conftest import NOW
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
    """Status, assignment, clocks, pauses, latches, version and times of a ticket follow from its history."""
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
            t.pauses := '{}';
            if not t.is_sensitive then
                t.sla_policy_id := muni._policy(t.municipality_id, t.category);
            end if;
            t.response_overridden := false;
            t.resolution_overridden := false;
            t := muni._date_clocks(t);
            for e in
                select x.* from muni.ticket_events as x
                where x.ticket_id = t.id and x.is_sensitive = t.is_sensitive order by x.seq
            loop
                if e.kind = 'sla_warning' and e.data ->> 'clock' = 'response' then
                    t.sla_response_warned_at := e.at;
                elsif e.kind = 'sla_warning' then
                    t.sla_resolution_warned_at := e.at;
                elsif e.kind = 'sla_breached' and e.data ->> 'clock' = 'response' then
                    t.sla_response_breached_at := t.sla_response_deadline;
                elsif e.kind = 'sla_breached' then
                    t.sla_resolution_breached_at := t.sla_resolution_deadline;
                end if;
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
        "assigned_to", "first_responded_at", "resolved_at", "paused_at", "pauses", "escalated_at",
        "sla_policy_id", "sla_response_deadline", "sla_resolution_deadline", "sla_response_warning_at",
        "sla_resolution_warning_at", "sla_response_warned_at", "sla_resolution_warned_at",
        "sla_response_breached_at", "sla_resolution_breached_at",
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


def test_sweeps_find_what_the_law_would_have_found(owner: psycopg.Connection) -> None:
    """A breach is found once, minutes late at least, told as overdue by so much, and escalated where it may be."""
    found, wrong = owner.execute("""
        with found as (
            select
                e.*,
                x.deadline,
                x.was_held,
                (e.data ->> 'level')::int as level,
                round(extract(epoch from coalesce(x.was_held, e.at) - x.deadline))::bigint as overdue,
                row_number() over (partition by e.ticket_id, e.data ->> 'clock' order by e.seq) as times
            from ticket_events as e
            join tickets as t on t.id = e.ticket_id and t.is_sensitive = e.is_sensitive
            cross join lateral (
                select
                    case e.data ->> 'clock'
                        when 'response' then t.sla_response_breached_at else t.sla_resolution_breached_at
                    end as deadline,
                    (
                        select case when m.to_status = 'on_hold' and e.data ->> 'clock' = 'resolution' then m.at end
                        from ticket_events as m
                        where m.ticket_id = e.ticket_id and m.seq < e.seq and m.to_status is not null
                        order by m.seq desc
                        limit 1
                    ) as was_held
            ) as x
            where e.kind = 'sla_breached'
        )
        select count(*), count(*) filter (
            where
            times > 1
            or overdue < 180
            or (data ->> 'overdue_seconds')::bigint <> overdue
            or at - deadline < interval '4 minutes'
            or is_sensitive
        )
        from found
    """).fetchone()
    (reasons,) = owner.execute("""
        select count(*) from tickets
        where escalation_reason ~ '_breach ' and escalation_reason !~
            '^(response|resolution)_breach [(]overdue by ([1-9][0-9]*[.][0-9]|0[.][1-9]) h[)]$'
    """).fetchone()

    assert found > 50
    assert wrong == 0
    assert reasons == 0


def test_sweeps_give_what_is_late_to_the_teams_manager(owner: psycopg.Connection) -> None:
    """What a sweep has escalated lies on the desk of the manager of the team it was with."""
    found, wrong = owner.execute("""
        with escalated as (
            select
                e.ticket_id, e.seq,
                (
                    select array[a.team_id::text, a.assignee::text]
                    from ticket_events as a
                    where a.ticket_id = e.ticket_id and a.kind = 'assigned' and a.seq < e.seq + 3
                        and (a.seq < e.seq or a.via = 'sweep')
                    order by a.seq desc
                    limit 1
                ) as given
            from ticket_events as e
            where e.kind = 'sla_breached' and e.to_status = 'escalated'
        )
        select count(*), count(*) filter (where e.given[2] is distinct from tm.manager)
        from escalated as e
        join teams as tm on tm.id = e.given[1]::int
    """).fetchone()

    assert found > 50
    assert wrong == 0


def test_the_first_sweep_of_a_demo_finds_a_handful(owner: psycopg.Connection) -> None:
    """What was late long ago was found long ago: no console opens with hundreds of escalations at once."""
    owner.execute("update jobs set done_at = null")
    due, unfinished = owner.execute(
        """
        select count(*) filter (where next_sweep <= %(now)s), count(*)
        from tickets where not is_sensitive and status not in ('resolved', 'closed')
        """,
        {"now": NOW},
    ).fetchone()

    assert due <= unfinished / 20


def test_those_who_are_told_of_late_tickets_have_it_in_their_alerts(
    owner: psycopg.Connection,
) -> None:
    """Each warning and breach of the last days is an alert of the manager, a second breach the admin's too."""
    wrong = owner.execute(
        """
        with late as (
            select
                e.ticket_id, e.data ->> 'clock' as clock, e.at, coalesce((e.data ->> 'level')::int, 0) as level,
                o.username
            from ticket_events as e
            join tickets as t on t.id = e.ticket_id and t.is_sensitive = e.is_sensitive
            join operators as o on o.municipality_id = e.municipality_id and o.role in ('manager', 'admin')
            where
                e.kind in ('sla_warning', 'sla_breached')
                and e.at > %(now)s - interval '14 days'
                and case o.role
                    when 'admin' then e.data ->> 'level' = '2'
                    else exists (
                        select from teams as tm
                        where tm.manager = o.username and tm.category = t.category
                    )
                end
        )
        select l.*, a.recipient, a.level
        from alerts as a
        full join late as l
            on l.ticket_id = a.ticket_id and l.clock = a.clock and l.username = a.recipient
            and l.level = a.level and l.at = a.at
        where a.id is null or l.ticket_id is null
        """,
        {"now": NOW},
    ).fetchall()
    unread, read = owner.execute(
        "select count(*) filter (where read_at is null), count(read_at) from alerts"
    ).fetchone()

    assert wrong == []
    assert 0 < unread < read / 5


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


def test_each_report_was_routed_where_the_law_would_have_sent_it(owner: psycopg.Connection) -> None:
    """The rule is the law's for the place, and what the team had is what the events before it say."""
    owner.execute("create index on ticket_events (team_id, at) where kind = 'assigned'")
    rows = owner.execute("""
        select
            e.data -> 'route' as told,
            e.team_id,
            c.rule,
            c.teams,
            c.among,
            round(c.metres)::int as metres,
            t.is_sensitive,
            had.open,
            had.load
        from ticket_events as e
        join tickets as t on t.id = e.ticket_id
        left join confidential_reports as r on r.ticket_id = t.id
        cross join lateral _candidates(
            t.municipality_id, t.category, coalesce(t.latitude, r.latitude),
            coalesce(t.longitude, r.longitude)
        ) as c
        left join lateral (
            select count(*) as open, coalesce(sum(x.severity_rank), 0) as load
            from (
                select distinct a.ticket_id from ticket_events as a
                where a.kind = 'assigned' and a.team_id = e.team_id and a.at < t.created_at
            ) as touched
            join tickets as x on x.id = touched.ticket_id
            where
                e.team_id = (
                    select a.team_id from ticket_events as a
                    where a.ticket_id = x.id and a.kind = 'assigned' and a.at < t.created_at
                    order by a.seq desc limit 1
                )
                and (
                    select s.to_status from ticket_events as s
                    where s.ticket_id = x.id and s.to_status is not null and s.at < t.created_at
                    order by s.seq desc limit 1
                ) not in ('resolved', 'closed')
        ) as had on abs(hashtext(t.id::text)) % 20 = 0
        where e.seq = 2
    """).fetchall()
    weighed = 0
    for told, team, rule, teams, among, metres, sensitive, had_open, had_load in rows:
        assert team in teams
        wanted = {"rule": rule, "of": among}
        if not sensitive:
            assert {"open", "load"} <= told.keys()
            if had_open is not None:
                weighed += 1
                wanted |= {"open": had_open, "load": had_load}
            if metres is not None:
                wanted["metres"] = metres
        assert {key: told.get(key) for key in wanted} == wanted
        assert sensitive <= (told.keys() == {"rule", "of"})

    assert len(rows) == 5000
    assert weighed > 100
