"""The demo's GBV reports stand behind the same wall as real ones."""

from __future__ import annotations

import psycopg
import pytest
from support.database import Database


def test_two_tickets_in_a_hundred_are_gbv_reports_with_a_narrative(
    owner: psycopg.Connection,
) -> None:
    """There are GBV reports to work with, each with its words in the confidential table."""
    reports, narratives = owner.execute("""
        select count(*), count(c.ticket_id) from tickets as t
        left join confidential_reports as c on c.ticket_id = t.id
        where t.category = 'gbv'
    """).fetchone()

    assert reports == narratives
    assert 70 <= reports <= 130


def test_reports_go_to_the_station_the_law_would_send_them_to(owner: psycopg.Connection) -> None:
    """A GBV report is first routed to the nearest police station."""
    total, matching = owner.execute("""
        select count(*), count(*) filter (
            where e.team_id = (select r.team_id from _route(array[t.id], true) as r)
                or c.latitude is null
        )
        from tickets as t
        join confidential_reports as c on c.ticket_id = t.id
        join ticket_events as e on e.ticket_id = t.id and e.is_sensitive and e.seq = 2
        where t.is_sensitive
    """).fetchone()

    assert total == matching > 0


def test_only_liaisons_work_on_reports_and_every_reading_left_its_trace(
    owner: psycopg.Connection,
) -> None:
    """After it was logged a report is touched by liaisons only; an administrator looks with a reason."""
    strangers = owner.execute("""
        select e.kind, o.role from ticket_events as e
        join operators as o on o.username = e.actor
        left join confidential_notes as n on n.event_id = e.id
        where e.is_sensitive and e.seq > 2 and o.role <> 'saps_liaison'
            and not (o.role = 'admin' and e.kind = 'viewed' and length(n.note) >= 10)
    """).fetchall()
    viewed, opened = owner.execute("""
        select
            (select count(*) from ticket_events where kind = 'viewed'),
            (
                select count(*) from confidential_openings as o
                join ticket_events as e on e.ticket_id = o.ticket_id and e.is_sensitive
                    and e.kind = 'viewed' and e.actor = o.opened_by
                    and o.opened_at - e.at between interval '0' and interval '1 ms'
            )
    """).fetchone()

    assert strangers == []
    assert viewed == opened > 50


@pytest.mark.parametrize("username", ["tvd_op1", "tvd_manager1", "tvd_admin1"])
def test_municipal_colleagues_see_no_report_in_anything(seeded: Database, username: str) -> None:
    """Nothing of the seed shows an operator, manager or administrator that a GBV report exists."""
    with psycopg.connect(seeded.dsn(username), password=seeded.password(username)) as connection:
        seen, sensitive = connection.execute(
            "select count(*), count(*) filter (where is_sensitive or category = 'gbv') from muni.tickets"
        ).fetchone()
        events = connection.execute(
            "select count(*) from muni.ticket_events where is_sensitive or kind = 'viewed'"
        ).fetchone()
        managers = connection.execute(
            "select count(*) from muni.teams where is_saps and manager is not null"
        ).fetchone()

    assert seen > 2000
    assert sensitive == 0
    assert events == managers == (0,)


def test_no_word_of_a_narrative_stands_outside_the_wall(owner: psycopg.Connection) -> None:
    """Neither search nor any municipal note holds what was said in confidence."""
    leaks = owner.execute("""
        select c.ticket_id from confidential_reports as c
        join ticket_search as s on s.ticket_id = c.ticket_id
        where s.doc !~ '^tkt-[0-9]{8}-[0-9a-f]{6}$'
        union all
        select n.ticket_id from ticket_notes as n join tickets as t on t.id = n.ticket_id
        where t.is_sensitive
    """).fetchall()

    assert leaks == []


def test_nobody_in_the_demo_is_anybody(owner: psycopg.Connection) -> None:
    """Names are numbers, and no telephone number can exist: South African ones never begin with 0."""
    real = owner.execute("""
        with said as (
            select reporter_name, reporter_phone from tickets
            union all
            select reporter_name, reporter_phone from confidential_reports
        )
        select * from said
        where reporter_name !~ '^Resident [0-9]+$' or reporter_phone !~ '^[+]2790[0-9]{7}$'
    """).fetchall()

    assert real == []
