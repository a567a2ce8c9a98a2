"""A GBV report is read in two steps: who looks, and why, is kept before a word is given out."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

OPEN = "select muni.open_confidential_report(%s, %s)"
WHY = "court order 12 of 2026"
READERS = ("report", "notes", "ticket", "events")
MAY_OPEN = ("tvd_saps", "tvd_saps2", "tvd_admin")


@pytest.fixture
def number(database: Database) -> str:
    """The number of a GBV report with a note on it."""
    number = desk.log(
        database.connect("tvd_operator"),
        "gbv",
        "a secret story",
        reporter_phone="0115550199",
        latitude=-26.0,
        longitude=28.0,
    )
    database.connect("tvd_saps").execute(desk.NOTE, (desk.id_of(database, number), "a secret note"))
    return number


def opened(connection: psycopg.Connection, number: str, why: str | None = WHY) -> uuid.UUID:
    """Open a report and give the opening."""
    return desk.value(connection, OPEN, number, why)


def read(connection: psycopg.Connection, what: str, opening: object) -> list[tuple[object, ...]]:
    """Read one part of a report by an opening."""
    return connection.execute(
        f"select * from muni.read_confidential_{what}(%s)", (opening,)
    ).fetchall()


def assert_unreadable(connection: psycopg.Connection, opening: object) -> None:
    """No part of a report is given out for this opening, in the same words for every cause."""
    for what in READERS:
        error = desk.refusal(
            connection, f"select * from muni.read_confidential_{what}(%s)", (opening,)
        )
        assert (error.sqlstate, error.diag.message_primary) == (
            "42501",
            "this opening cannot be read by; open the report again",
        )


def traces(database: Database) -> list[tuple[str, str | None]]:
    """Who has looked at which reports, and why, in order."""
    with database.connect_owner() as owner:
        rows = owner.execute(
            "select e.actor, n.note from ticket_events as e left join confidential_notes as n"
            " on n.event_id = e.id where e.is_sensitive and e.kind = 'viewed' order by e.id"
        ).fetchall()
    return [(str(actor), note) for actor, note in rows]


@pytest.mark.parametrize("login", MAY_OPEN)
def test_who_opens_a_report_reads_all_of_it(database: Database, number: str, login: str) -> None:
    """After opening, narrative, contact, notes and timeline are read; who looked, and why, is kept."""
    person = database.connect(login)
    opening = opened(person, number)
    report = read(person, "report", opening)
    notes = read(person, "notes", opening)
    ticket = read(person, "ticket", opening)
    events = read(person, "events", opening)

    assert report[0][:7] == (
        *(desk.id_of(database, number), "a secret story", None),
        *(-26.0, 28.0, None, "0115550199"),
    )
    assert [note for _, note in notes] == ["a secret note", WHY]
    assert (len(ticket), len(events)) == (1, 4)
    assert traces(database) == [(login, WHY)]


def test_saps_sees_who_looked_and_why(database: Database, number: str) -> None:
    """An administrator's look is on the timeline that the police liaison reads."""
    opened(database.connect("tvd_admin"), number)
    saps = database.connect("tvd_saps")
    row = saps.execute("select actor from muni.ticket_events where kind = 'viewed'").fetchone()

    assert row == ("tvd_admin",)
    assert WHY in [note for _, note in read(saps, "notes", opened(saps, number, None))]


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "test_worker", "test_intake"])
def test_nobody_else_opens_or_reads(database: Database, number: str, login: str) -> None:
    """An operator or manager cannot open a report, nor read by an opening they have got hold of."""
    opening = opened(database.connect("tvd_saps"), number)
    person = database.connect(login)
    for given in (number, desk.NOBODY["number"]):
        assert desk.refusal(person, OPEN, (given, WHY)).sqlstate == "42501"
    for what in READERS:
        error = desk.refusal(person, f"select * from muni.read_confidential_{what}(%s)", (opening,))
        assert error.sqlstate == "42501"


@pytest.mark.parametrize("login", MAY_OPEN)
def test_what_is_not_a_report_of_ones_own_gets_one_sentence(
    database: Database, number: str, login: str
) -> None:
    """A municipal ticket, another municipality's report and a number never issued are refused alike."""
    person = database.connect(login)
    municipal = desk.log(database.connect("tvd_operator"))
    foreign = desk.log(database.connect("ksb_operator"), "gbv")
    for wrong in (
        municipal,
        foreign,
        desk.NOBODY["number"],
        "",
        None,
        number.lower(),
        f"{number} ",
    ):
        if login == "tvd_admin":
            # Told apart only by reading, which the trace of a real opening comes before.
            opening = desk.value(person, OPEN, wrong, WHY)
            for what in READERS:
                query = f"select * from muni.read_confidential_{what}(%s)"
                assert desk.refusal(person, query, (opening,)).sqlstate == "42501"
        else:
            desk.assert_refused(person, OPEN, (wrong, WHY))

    assert traces(database) == []


def test_opening_and_rolling_back_tells_an_administrator_nothing(
    database: Database, number: str
) -> None:
    """A number that is a report and one that never was look the same until the trace is committed."""
    admin = database.connect("tvd_admin", autocommit=False)
    seen = []
    for given in (number, desk.NOBODY["number"]):
        opening = desk.value(admin, OPEN, given, WHY)
        error = desk.refusal(admin, "select * from muni.read_confidential_report(%s)", (opening,))
        seen.append((type(opening), error.sqlstate, error.diag.message_primary))
        admin.rollback()

    assert seen[0] == seen[1]
    assert traces(database) == []


@pytest.mark.parametrize("why", [None, "", "court", " " * 20, "\n" * 20, "  court   \n\t   "])
def test_an_administrator_gives_a_reason(database: Database, number: str, why: str | None) -> None:
    """Without ten characters of reason nothing is opened, and the answer is the same for any number."""
    admin = database.connect("tvd_admin")
    for given in (number, desk.NOBODY["number"]):
        desk.assert_invalid(admin, OPEN, (given, why), "at least 10 characters")

    assert traces(database) == []


# ------------------------------------------------------------------- the trace cannot be undone


@pytest.mark.parametrize("login", MAY_OPEN)
@pytest.mark.parametrize("what", READERS)
def test_what_is_opened_is_not_read_in_the_same_transaction(
    database: Database, number: str, login: str, what: str
) -> None:
    """Before the trace is committed nothing is given out, by no savepoint and no single statement either."""
    person = database.connect(login)
    with person.transaction(force_rollback=True):
        opening = opened(person, number)
        for _ in range(2):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), person.transaction():
                read(person, what, opening)
    with person.transaction(force_rollback=True):
        with person.transaction():
            opening = opened(person, number)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), person.transaction():
            read(person, what, opening)
    for statement in (
        f"select (muni.read_confidential_{what}(muni.open_confidential_report(%s, %s))).*",
        (
            "with o as materialized (select muni.open_confidential_report(%s, %s) as id)"
            f" select x.* from o, lateral muni.read_confidential_{what}(o.id) as x"
        ),
    ):
        assert desk.refusal(person, statement, (number, WHY)).sqlstate == "42501"

    assert traces(database) == []


def test_a_block_that_swallows_the_refusal_reads_nothing(database: Database, number: str) -> None:
    """A DO block that catches errors and goes on is in the same transaction still."""
    admin = database.connect("tvd_admin")
    admin.execute(
        f"""
        do $$
        declare
            opening uuid := muni.open_confidential_report('{number}', '{WHY}');
            said text;
        begin
            begin
                select r.description into said from muni.read_confidential_report(opening) as r;
            exception when others then
                said := 'refused';
            end;
            perform set_config('test.said', said, false);
        end
        $$
        """
    )

    assert desk.value(admin, "select current_setting('test.said')") == "refused"
    assert traces(database) == [("tvd_admin", WHY)]


def test_a_rolled_back_opening_opens_nothing(database: Database, number: str) -> None:
    """An opening that was rolled back can be read by nobody, then or later."""
    admin = database.connect("tvd_admin")
    with admin.transaction(force_rollback=True):
        opening = opened(admin, number)

    assert_unreadable(admin, opening)
    assert traces(database) == []


def test_a_rolled_back_reading_leaves_the_trace(database: Database, number: str) -> None:
    """Once opened, the trace stays, whatever becomes of the transaction that reads."""
    admin = database.connect("tvd_admin")
    opening = opened(admin, number)
    with admin.transaction(force_rollback=True):
        assert read(admin, "report", opening)
    with admin.transaction(force_rollback=True):
        read(admin, "report", opening)
        admin.execute("savepoint s")
        read(admin, "notes", opening)
        admin.execute("rollback to s")

    assert traces(database) == [("tvd_admin", WHY)]


def test_an_uncommitted_opening_is_not_readable_elsewhere(database: Database, number: str) -> None:
    """A second connection of the same person does not see an opening before it is committed."""
    first = database.connect("tvd_admin")
    with first.transaction(force_rollback=True):
        assert_unreadable(database.connect("tvd_admin"), opened(first, number))


@pytest.mark.parametrize(
    "act",
    [
        "select muni.change_status(%s, 'no such status')",
        "select muni.add_note(%s, 'words')",
        "select muni.assign_ticket(%s, -1)",
        "select muni.change_status(%s, 'resolved', null, 99)",
    ],
)
def test_nothing_is_learnt_by_acting_before_the_trace_is_kept(
    database: Database, number: str, act: str
) -> None:
    """An administrator who opens, acts and rolls back is told neither the status nor the version."""
    ticket = desk.id_of(database, number)
    admin = database.connect("tvd_admin")
    with admin.transaction(force_rollback=True):
        opened(admin, number)
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught, admin.transaction():
            admin.execute(act, (ticket,))

    assert caught.value.diag.message_primary == desk.REFUSAL


# --------------------------------------------------------------------------- whose, and how long


def test_an_opening_is_ones_own(database: Database, number: str) -> None:
    """Nobody reads by another's opening: not a colleague, not the administrator, not another municipality."""
    for opener in MAY_OPEN:
        opening = opened(database.connect(opener), number)
        for other in ("tvd_saps", "tvd_saps2", "tvd_admin", "ksb_saps", "ksb_admin"):
            if other != opener:
                assert_unreadable(database.connect(other), opening)


@pytest.mark.parametrize("opening", [None, desk.NOBODY["opening"]])
def test_an_opening_that_is_none_reads_nothing(database: Database, opening: object) -> None:
    """No opening, or a made-up one, gets the same sentence."""
    for login in MAY_OPEN:
        assert_unreadable(database.connect(login), opening)


@pytest.mark.parametrize(("minutes", "readable"), [(14, True), (15, False), (60 * 24, False)])
@pytest.mark.parametrize("login", MAY_OPEN)
def test_an_opening_lasts_a_quarter_of_an_hour(
    database: Database, number: str, login: str, minutes: int, readable: bool
) -> None:
    """After fifteen minutes the report has to be opened again, which leaves another trace."""
    person = database.connect(login)
    opening = opened(person, number)
    database.connect_owner().execute(
        "update confidential_openings set opened_at = opened_at - make_interval(mins => %s)",
        (minutes,),
    )
    if readable:
        assert read(person, "report", opening)
    else:
        assert_unreadable(person, opening)


@pytest.mark.parametrize(("minutes", "may"), [(14, True), (15, False)])
def test_an_administrator_acts_while_the_opening_is_fresh(
    database: Database, number: str, minutes: int, may: bool
) -> None:
    """An administrator's actions on a report end with the opening, and are on its timeline."""
    ticket = desk.id_of(database, number)
    admin = database.connect("tvd_admin")
    opened(admin, number)
    database.connect_owner().execute(
        "update confidential_openings set opened_at = opened_at - make_interval(mins => %s)",
        (minutes,),
    )
    for call, more in (
        (desk.NOTE, ("words",)),
        (desk.CHANGE, ("in_progress",)),
        (desk.ASSIGN, (None, None, "by hand")),
    ):
        if may:
            admin.execute(call, (ticket, *more))
        else:
            desk.assert_refused(admin, call, (ticket, *more))
    # A list never holds it, whatever has been opened.
    assert desk.value(admin, "select count(*) from muni.tickets") == 0


def test_a_colleagues_opening_lets_nobody_act(database: Database, number: str) -> None:
    """What one administrator has opened, another may not act on; nor may a manager."""
    ticket = desk.id_of(database, number)
    opened(database.connect("tvd_admin"), number)
    with database.connect_owner() as owner:
        owner.execute("update operators set municipality_id = 1 where username = 'ksb_admin'")
    for other in ("ksb_admin", "tvd_manager", "tvd_operator"):
        desk.assert_refused(database.connect(other), desk.NOTE, (ticket, "words"))


@pytest.mark.parametrize(
    "change",
    [
        "update operators set is_active = false where username = %s",
        "update operators set role = 'manager' where username = %s",
        "update operators set municipality_id = 2 where username = %s",
    ],
)
@pytest.mark.parametrize("login", ["tvd_saps", "tvd_admin"])
def test_an_opening_ends_with_its_owners_rights(
    database: Database, number: str, login: str, change: str
) -> None:
    """Who is disabled, demoted or moved reads no more by what they had opened."""
    person = database.connect(login)
    opening = opened(person, number)
    database.connect_owner().execute(change, (login,))
    for what in READERS:
        error = desk.refusal(person, f"select * from muni.read_confidential_{what}(%s)", (opening,))
        assert error.sqlstate == "42501"


def test_every_look_is_a_trace_of_its_own(database: Database, number: str) -> None:
    """Looking twice is two events, and no change of the ticket."""
    saps = database.connect("tvd_saps")
    before = desk.ticket(database, number)
    for _ in range(2):
        opened(saps, number, None)
    after = desk.ticket(database, number)

    assert traces(database) == [("tvd_saps", None)] * 2
    assert {name for name, value in after.items() if value != before[name]} == {"chain", "last_seq"}
