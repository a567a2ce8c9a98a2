"""An opening is for one report: nothing of another is read or done by it."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

FIND = "select opening, ticket_id from muni.fresh_opening(%s)"
OPEN = "select muni.open_confidential_report(%s, 'a court order of this year')"
LOGINS = ("tvd_admin", "tvd_saps")


@pytest.fixture
def reports(database: Database) -> list[tuple[uuid.UUID, str]]:
    """Id and number of two reports, each with a note and a reporter of its own."""
    saps = database.connect("tvd_saps")
    made = []
    for place in range(2):
        number = desk.log(database.connect("tvd_operator"), "gbv", f"story{place}")
        report = desk.id_of(database, number)
        saps.execute(desk.NOTE, (report, f"note{place}"))
        saps.execute("select muni.add_reporter(%s, %s, null)", (report, f"neighbour{place}"))
        made.append((report, number))
    return made


def read(person: psycopg.Connection, opening: uuid.UUID) -> str:
    """All that can be read by an opening, as one text."""
    parts = ("report", "notes", "ticket", "events", "reporters")
    return "\n".join(
        str(row[0])
        for part in parts
        for row in person.execute(
            f"select t::text from muni.read_confidential_{part}(%s) as t", (opening,)
        )
    )


@pytest.mark.parametrize("login", LOGINS)
def test_each_opening_reads_its_own_report(
    database: Database, reports: list[tuple[uuid.UUID, str]], login: str
) -> None:
    """With both open, each is read by its own opening, whole, and nothing of the other."""
    person = database.connect(login)
    openings = [desk.value(person, OPEN, number) for _, number in reports]
    for place, opening in enumerate(openings):
        text = read(person, opening)
        (report, number), (other, other_number) = reports[place], reports[1 - place]
        for mark in (f"story{place}", f"note{place}", f"neighbour{place}", str(report), number):
            assert mark in text
        for mark in (
            *(f"story{1 - place}", f"note{1 - place}", f"neighbour{1 - place}"),
            *(str(other), other_number),
        ):
            assert mark not in text


def test_an_administrator_acts_on_the_opened_report_alone(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """The one they have opened and no other."""
    admin = database.connect("tvd_admin")
    desk.value(admin, OPEN, reports[0][1])
    admin.execute(desk.NOTE, (reports[0][0], "seen"))

    desk.assert_refused(admin, desk.NOTE, (reports[1][0], "seen"))


def test_an_administrator_finds_the_own_fresh_opening_by_number(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """Committed, one's own and of the last 15 minutes; whatever else gives no row, and tells nothing."""
    (opened, number), (_, unopened) = reports[:2]
    admin, other = database.connect("tvd_admin"), database.connect("ksb_admin")
    with admin.transaction():
        opening = desk.value(admin, OPEN, number)
        assert admin.execute(FIND, (number,)).fetchall() == []

    # What somebody else has opened is not one's own.
    database.connect("tvd_saps").execute(OPEN, (unopened,))
    assert admin.execute(FIND, (number,)).fetchall() == [(opening, opened)]
    for asking, asked in ((admin, unopened), (admin, "TKT-20200101-000000"), (other, number)):
        assert asking.execute(FIND, (asked,)).fetchall() == []

    database.connect_owner().execute(
        "update confidential_openings set opened_at = clock_timestamp() - interval '15 minutes'"
    )
    assert admin.execute(FIND, (number,)).fetchall() == []


def test_an_opening_grows_stale_within_a_transaction(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """Whoever holds a transaction open does not hold the clock."""
    saps = database.connect("tvd_saps")
    opening = desk.value(saps, OPEN, reports[0][1])
    with saps.transaction():
        saps.execute("select now()")
        database.connect_owner().execute(
            "update confidential_openings set opened_at = clock_timestamp() - interval '15 minutes'"
            " where id = %s",
            (opening,),
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege), saps.transaction():
            saps.execute("select * from muni.read_confidential_report(%s)", (opening,))


def test_who_is_no_administrator_any_more_acts_by_no_opening(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """A fresh opening is worth nothing to somebody who has become an operator meanwhile."""
    admin = database.connect("tvd_admin")
    admin.execute(OPEN, (reports[0][1],))
    owner = database.connect(database.owner)
    owner.execute("revoke muni_admin from tvd_admin")
    owner.execute("grant muni_operator to tvd_admin")
    try:
        database.connect_owner().execute(
            "update operators set role = 'operator' where username = 'tvd_admin'"
        )

        desk.assert_refused(admin, desk.NOTE, (reports[0][0], "seen"))
    finally:
        owner.execute("revoke muni_operator from tvd_admin")
        owner.execute("grant muni_admin to tvd_admin")


@pytest.mark.parametrize("given", [("x" * 201, None), (None, "1" * 33)])
def test_a_reporter_is_not_endless(
    database: Database, given: tuple[str | None, str | None]
) -> None:
    """Refused in words, with no row quoted."""
    desk.assert_invalid(
        database.connect("tvd_operator"),
        "select muni.add_reporter(%s, %s, %s)",
        (desk.new_ticket(database, "operator"), *given),
    )


def test_the_one_that_is_marked_moves(database: Database) -> None:
    """Not the oldest, the one that is named."""
    operator = database.connect("tvd_operator")
    first, second = (desk.new_ticket(database, "operator") for _ in range(2))
    operator.execute("select muni.mark_sensitive(%s, 'she told more')", (second,))

    assert operator.execute("select id from muni.tickets").fetchall() == [(first,)]


def test_a_liaison_searches_the_own_municipality(database: Database) -> None:
    """Another municipality's reports are not found by number either."""
    desk.log(database.connect("ksb_operator"), "gbv", "a story")
    own = desk.new_ticket(database, "saps_liaison")
    found = database.connect("tvd_saps").execute("select * from muni.search_tickets('TKT-')")

    assert found.fetchall() == [(own,)]


def test_a_reporter_speaks_one_of_three_languages(database: Database) -> None:
    """Another is refused in words, with no row quoted."""
    desk.assert_invalid(
        database.connect("tvd_operator"),
        "select muni.add_reporter(%s, 'Resident 9', null, 'xx')",
        (desk.new_ticket(database, "operator"),),
    )


@pytest.mark.parametrize("source", [None, "", "x" * 65])
def test_a_source_of_imports_has_a_name(database: Database, source: str | None) -> None:
    """Of 1 to 64 characters; said before anything is read."""
    desk.assert_invalid(
        database.connect("tvd_admin"),
        "select * from muni.import_tickets(%s, '[]')",
        (source,),
        "1 to 64 characters",
    )


@pytest.mark.parametrize("requests", ["{}", "3", "null", '"a"', None])
def test_requests_are_imported_as_a_list(database: Database, requests: str | None) -> None:
    """Anything else is refused in words."""
    desk.assert_invalid(
        database.connect("tvd_admin"),
        "select * from muni.import_tickets('elsewhere', %s::jsonb)",
        (requests,),
        "as a list",
    )


def test_a_liaison_takes_a_report_of_their_station(database: Database) -> None:
    """The police carry what the police are given."""
    report = desk.new_ticket(database, "saps_liaison")
    north = desk.team(database, "SAPS North")
    database.connect("tvd_saps2").execute(
        "select muni.assign_ticket(%s, team_id => %s)", (report, north)
    )
    saps = database.connect("tvd_saps")
    saps.execute(desk.TAKE, (report,))
    row = saps.execute("select assigned_to, assigned_team_id from muni.tickets").fetchone()

    assert row == ("tvd_saps", north)


def test_who_has_moved_away_acts_by_no_opening(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """An administrator of another municipality now does nothing here, however fresh the opening."""
    admin = database.connect("tvd_admin")
    admin.execute(OPEN, (reports[0][1],))
    database.connect_owner().execute(
        "update operators set municipality_id = (select id from municipalities where code = 'ksb')"
        " where username = 'tvd_admin'"
    )

    desk.assert_refused(admin, desk.NOTE, (reports[0][0], "seen"))
    assert admin.execute(FIND, (reports[0][1],)).fetchall() == []


@pytest.mark.parametrize("code", desk.CODES)
def test_a_person_is_moved_to_a_team_of_the_own_municipality(database: Database, code: str) -> None:
    """Teams of two municipalities may have the same name."""
    database.connect(f"{code}_admin").execute(
        "select muni.set_operator_team(%s, 'Roads 1')", (f"{code}_operator",)
    )
    moved_to = desk.value(
        database.connect_owner(),
        "select team_id from operators where username = %s",
        f"{code}_operator",
    )

    assert moved_to == desk.team(database, "Roads 1", code)


def test_what_was_asked_for_and_is_no_report_is_settled_for_good(
    database: Database, reports: list[tuple[uuid.UUID, str]]
) -> None:
    """A ticket that is marked later has nobody on its timeline who asked while it was municipal."""
    ticket = desk.new_ticket(database, "operator")
    owner = database.connect_owner()
    number = desk.value(owner, "select tracking_number from tickets where id = %s", ticket)
    for given in (number, desk.NOBODY["number"]):
        database.connect("ksb_operator").execute("select muni.record_denied(%s)", (given,))
    saps = database.connect("tvd_saps")
    saps.execute("select muni.settle_denials()")
    waiting = desk.value(owner, "select count(*) from denials where not is_settled")
    database.connect("tvd_operator").execute(
        "select muni.mark_sensitive(%s, 'she told more')", (ticket,)
    )
    saps.execute("select muni.settle_denials()")

    assert waiting == 0
    assert desk.value(owner, "select count(*) from ticket_events where kind = 'access_denied'") == 0
