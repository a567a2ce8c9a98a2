"""Who has a ticket open: told to those who see the ticket, and soon forgotten."""

from __future__ import annotations

import pytest
from support.database import Database

from law import desk

PRESENT = "select muni.be_present(%s)"

pytestmark = pytest.mark.law


def test_who_has_a_ticket_open_is_seen_by_those_who_see_the_ticket(database: Database) -> None:
    """One ticket each; liaisons among themselves."""
    operator, colleague = database.connect("tvd_operator"), database.connect("tvd_operator2")
    saps, elsewhere = database.connect("tvd_saps"), database.connect("ksb_operator")
    first, second = (desk.id_of(database, desk.log(operator)) for _ in range(2))
    report = desk.id_of(database, desk.log(operator, "gbv"))
    for who, ticket in ((colleague, report), (saps, first), (elsewhere, first)):
        who.execute(PRESENT, (ticket,))
    for ticket in (first, second):
        operator.execute(PRESENT, (ticket,))
    saps.execute(PRESENT, (report,))
    query = "select username, ticket_id from muni.presences"

    assert colleague.execute(query).fetchall() == [("tvd_operator", second)]
    assert saps.execute(query).fetchall() == [("tvd_saps", report)]
    assert elsewhere.execute(query).fetchall() == []

    colleague.execute(PRESENT, (first,))
    operator.execute(PRESENT, (second,))
    assert set(colleague.execute(query).fetchall()) == {
        ("tvd_operator", second),
        ("tvd_operator2", first),
    }
    operator.execute(PRESENT, (None,))
    assert colleague.execute(query).fetchall() == [("tvd_operator2", first)]


def test_who_looked_is_forgotten_also_where_a_terminal_vanished(database: Database) -> None:
    """By the next sweep after two minutes, on both sides; whoever is there stays."""
    operator, saps, owner = (
        database.connect("tvd_operator"), database.connect("tvd_saps"), database.connect_owner()
    )  # fmt: skip
    ticket = desk.id_of(database, desk.log(operator))
    report = desk.id_of(database, desk.log(operator, "gbv"))
    operator.execute(PRESENT, (ticket,))
    saps.execute(PRESENT, (report,))
    owner.execute("update presences set seen_at = seen_at - interval '121 seconds'")
    database.connect("tvd_operator2").execute(PRESENT, (ticket,))
    database.connect("tvd_manager").execute("select muni.sweep_sla('0')")

    assert owner.execute("select username from presences").fetchall() == [("tvd_operator2",)]


@pytest.mark.parametrize("minutes", [1, 3])
def test_nobody_waits_for_a_ticket_that_is_written_on(database: Database, minutes: int) -> None:
    """Who was there stays there meanwhile, unless that is too long ago to be true."""
    operator, owner = database.connect("tvd_operator"), database.connect_owner()
    ticket = desk.id_of(database, desk.log(operator))
    operator.execute(PRESENT, (ticket,))
    owner.execute("update presences set seen_at = seen_at - %s * interval '1 minute'", (minutes,))
    writing = database.connect("tvd_operator2", autocommit=False)
    writing.execute(desk.NOTE, (ticket, "I am at it"))
    operator.execute("set lock_timeout = '2s'")
    operator.execute(PRESENT, (ticket,))

    there = owner.execute("select username::text from presences").fetchall()
    assert there == ([("tvd_operator",)] if minutes < 2 else [])


def test_one_municipality_forgets_its_own_alone(database: Database) -> None:
    """Each by its own sweep."""
    owner = database.connect_owner()
    for code in desk.CODES:
        operator = database.connect(f"{code}_operator")
        operator.execute(PRESENT, (desk.id_of(database, desk.log(operator)),))
    owner.execute("update presences set seen_at = seen_at - interval '3 minutes'")
    owner.execute(
        "select muni._forget_presences(m.id) from municipalities as m where m.code = 'tvd'"
    )

    assert owner.execute("select username::text from presences").fetchall() == [("ksb_operator",)]
