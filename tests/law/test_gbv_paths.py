"""A GBV report reaches no municipal team or person by any path, nor does anything that tells of one."""

from __future__ import annotations

import uuid
from contextlib import suppress

import psycopg
import pytest
from support import world
from support.database import Database

from law import desk

KEEPERS = """
    select x.is_saps, o.role, t.assigned_team_id is null, t.assigned_to is null
    from muni.tickets as t
    left join muni.teams as x on x.id = t.assigned_team_id
    left join muni.operators as o on o.username = t.assigned_to
    where t.is_sensitive
"""
MUNICIPAL = ("tvd_operator", "tvd_manager", "tvd_admin")

pytestmark = pytest.mark.law


@pytest.fixture
def walled(database: Database) -> Database:
    """Reports of every kind: with a place and without, carried and not, one that was municipal before."""
    operator, saps = database.connect("tvd_operator"), database.connect("tvd_saps")
    latitude, longitude = world.CENTRES["tvd"]
    for place in ({}, {"latitude": latitude, "longitude": longitude}):
        desk.log(operator, "gbv", **place)
    ticket = desk.id_of(database, desk.log(operator, "water"))
    database.connect("tvd_manager").execute(
        desk.ASSIGN, (ticket, desk.team(database, "Water 1"), "tvd_operator", "knows the street")
    )
    operator.execute("select muni.mark_sensitive(%s, 'more')", (ticket,))
    carried = desk.new_ticket(database, "saps_liaison")
    saps.execute(desk.ASSIGN, (carried, desk.team(database, "SAPS North"), "tvd_saps", None))
    return database


def reports(database: Database) -> list[uuid.UUID]:
    with database.connect_owner() as owner:
        rows = owner.execute("select id from tickets where is_sensitive order by id").fetchall()
    return [row[0] for row in rows]


def assert_walled(database: Database, count: int) -> None:
    """Every report there is lies with a station and a liaison, or with nobody."""
    with database.connect_owner() as owner:
        found = owner.execute(KEEPERS).fetchall()

    assert len(found) == count
    assert all(
        (is_saps or no_team) and (role == "saps_liaison" or no_person)
        for is_saps, role, no_team, no_person in found
    )


def tries(database: Database) -> list[tuple[str, dict[str, object]]]:
    """Each way to give tickets to somebody, to every team and person of the municipality."""
    with database.connect_owner() as owner:
        teams = [row[0] for row in owner.execute("select id from teams").fetchall()]
        people = [
            row[0] for row in owner.execute("select username::text from operators").fetchall()
        ]
        events = [row[0] for row in owner.execute("select id from ticket_events").fetchall()]
    ids = reports(database)
    assign, assign_many = "select muni.assign_ticket", "select * from muni.assign_tickets"
    undo = "select muni.undo_assignment(%(id)s, %(event)s)"
    return [
        *(
            (f"{assign}(%(id)s, %(team)s)", {"id": t, "team": x})
            for t in ids
            for x in [None, *teams]
        ),
        *((f"{assign}(%(id)s, null, %(to)s)", {"id": t, "to": x}) for t in ids for x in people),
        *(("select muni.take_ticket(%(id)s)", {"id": t}) for t in ids),
        *((undo, {"id": t, "event": x}) for t in ids for x in events),
        *(
            (f"{assign_many}(%(ids)s, null, %(team)s)", {"ids": ids, "team": x})
            for x in [None, *teams]
        ),
        *((f"{assign_many}(%(ids)s, null, null, %(to)s)", {"ids": ids, "to": x}) for x in people),
    ]


@pytest.mark.parametrize("login", [*MUNICIPAL, "tvd_saps", "ksb_saps"])
def test_nobody_gives_one_to_a_municipal_hand(walled: Database, login: str) -> None:
    """Assign, route, take, take back, many at once, whoever tries: it stays on its side."""
    connection = walled.connect(login)
    if login == "tvd_admin":
        with walled.connect_owner() as owner:
            numbers = owner.execute(
                "select tracking_number from tickets where is_sensitive"
            ).fetchall()
        for (number,) in numbers:
            connection.execute(
                "select muni.open_confidential_report(%s, 'a court order')", (number,)
            )
    for query, given in tries(walled):
        # Done on their own side, or refused.
        with suppress(psycopg.Error):
            connection.execute(query, given)

    assert_walled(walled, 4)


def test_neither_a_breach_nor_an_escalation_hands_one_over(walled: Database) -> None:
    """No sweep finds a report late, and an escalated one stays with its liaison."""
    saps, owner = walled.connect("tvd_saps"), walled.connect_owner()
    owner.execute(
        "update tickets set created_at = created_at - interval '99 days' where is_sensitive"
    )
    for ticket in reports(walled):
        saps.execute("select muni.escalate(%s, 'urgent')", (ticket,))
    for login in (*MUNICIPAL, world.WORKER):
        walled.connect(login).execute("select * from muni.sweep_sla('0')")

    assert_walled(walled, 4)
    assert (
        desk.value(owner, "select count(*) from alerts where ticket_id = any(%s)", reports(walled))
        == 0
    )


def test_a_team_that_holds_tickets_does_not_change_sides(walled: Database) -> None:
    """Neither a station with reports nor a team with tickets, finished ones too: by key, so the owner as well."""
    owner = walled.connect_owner()
    done = desk.id_of(walled, desk.log(walled.connect("tvd_operator"), "roads"))
    walled.connect("tvd_operator").execute(desk.CHANGE, (done, "resolved"))
    for name, category, is_saps in (("SAPS North", "water", False), ("Roads 1", "gbv", True)):
        error = desk.refusal(
            owner,
            "update teams set category = %s, is_saps = %s, manager = null where id = %s",
            (category, is_saps, desk.team(walled, name)),
        )
        assert error.sqlstate == "23503"
    # One that holds nothing may.
    owner.execute(
        "update teams set category = 'gbv', is_saps = true, manager = null where id = %s",
        (desk.team(walled, "Waste 1"),),
    )

    assert_walled(walled, 4)


def test_a_person_who_has_tickets_does_not_change_sides(walled: Database) -> None:
    """A liaison with a report becomes nobody else, nobody with a ticket becomes a liaison; by key as well."""
    owner = walled.connect_owner()
    ticket = desk.id_of(walled, desk.log(walled.connect("tvd_operator"), "water"))
    walled.connect("tvd_manager").execute(
        desk.ASSIGN, (ticket, desk.team(walled, "Water 1"), "tvd_operator", None)
    )
    for name, role in (
        ("tvd_saps", "operator"),
        ("tvd_saps", "admin"),
        ("tvd_operator", "saps_liaison"),
    ):
        error = desk.refusal(
            owner, "update operators set role = %s where username = %s", (role, name)
        )
        assert error.sqlstate == "23503"
    owner.execute("update operators set role = 'manager' where username = 'tvd_operator'")
    owner.execute(
        "update operators set role = 'operator', team_id = null where username = 'tvd_saps2'"
    )

    assert_walled(walled, 4)


def test_no_person_is_moved_to_where_reports_are(walled: Database) -> None:
    """An administrator moves municipal people between municipal teams, and nobody else anywhere."""
    admin = walled.connect("tvd_admin")
    for name, team in (
        ("tvd_operator", "SAPS North"),
        ("tvd_saps", "Water 1"),
        ("tvd_saps", None),
        ("tvd_manager", "SAPS South"),
    ):
        assert (
            desk.refusal(admin, "select muni.set_operator_team(%s, %s)", (name, team)).sqlstate
            == "22023"
        )

    assert_walled(walled, 4)


def test_a_person_in_a_station_who_is_no_liaison_gets_nothing(walled: Database) -> None:
    """Whoever put them there by hand: the report goes to liaisons."""
    owner = walled.connect_owner()
    owner.execute(
        "update operators set team_id = %s where username in ('tvd_manager', 'tvd_operator2')",
        (desk.team(walled, "SAPS North"),),
    )
    saps = walled.connect("tvd_saps")
    for ticket in reports(walled):
        for person in ("tvd_manager", "tvd_operator2"):
            error = desk.refusal(saps, desk.ASSIGN, (ticket, None, person, None))
            assert error.sqlstate == "22023"
    for login in ("tvd_manager", "tvd_operator2"):
        for ticket in reports(walled):
            desk.assert_refused(walled.connect(login), desk.TAKE, (ticket,))

    assert_walled(walled, 4)


@pytest.mark.parametrize("login", MUNICIPAL)
def test_no_load_no_proposal_and_no_reason_tells_of_one(database: Database, login: str) -> None:
    """Whatever a municipal role can ask for is the same before and after reports come in and are worked on."""
    asked = [
        "select count(*), sum(severity_rank) from muni.tickets",
        "select count(*) from muni.ticket_events",
        "select id, name, is_saps, is_active from muni.teams order by 1",
        "select username::text from muni.duties order by 1",
        (
            "select count(*) from muni.tickets where assigned_team_id in"
            " (select t.id from muni.teams as t where t.is_saps)"
        ),
    ]
    if login != "tvd_operator":
        asked.append(
            "select p.* from muni.tickets as t cross join lateral muni.propose_team(t.id) as p"
        )
    connection = database.connect(login)

    def told() -> list[object]:
        return [connection.execute(query).fetchall() for query in asked]

    desk.log(database.connect("tvd_operator"), "water")
    before = told()
    saps = database.connect("tvd_saps")
    saps.execute("select muni.be_on_duty()")
    for _ in range(3):
        made = desk.id_of(database, desk.log(saps, "gbv", severity="critical"))
        saps.execute(desk.ASSIGN, (made, desk.team(database, "SAPS North"), "tvd_saps", None))
        saps.execute("select * from muni.assign_tickets(%s)", ([made],))

    assert told() == before


@pytest.mark.parametrize(
    "work",
    [
        "select * from muni.propose_team(%s)",
        "select muni.assign_ticket(%s)",
        "select * from muni.assign_tickets(array[%s])",
    ],
)
def test_routing_a_municipal_ticket_reads_no_report(walled: Database, work: str) -> None:
    """PostgreSQL counts for everybody what a transaction of theirs has read: of the other side, nothing."""
    manager = walled.connect("tvd_manager", autocommit=False)
    ticket = desk.id_of(walled, desk.log(walled.connect("tvd_operator"), "water"))
    manager.execute(work, (ticket,))
    read = manager.execute(
        "select relname::text, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_all_tables"
        " where schemaname = 'muni' and (relname like '%sensitive' or relname like 'confidential%')"
    ).fetchall()

    assert len(read) > 5
    assert [table for table, rows in read if rows] == []
