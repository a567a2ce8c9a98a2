"""Clocks that are tried before anybody decides: what is told, to whom, and that nothing changes by it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from support.database import Database

from law import desk, working
from law.working import H, agree, at, pauses

pytestmark = pytest.mark.law

TRY = "select * from muni.sla_preview(%s, %s, %s, %s, %s, %s)"
OVERRIDE = "select * from muni.preview_override(%s, %s, %s)"
START = at("2026-09-21 09:00")
NOON = at("2026-09-21 12:00")


def told(connection: psycopg.Connection, query: str, *given: object) -> dict[str, Any]:
    """The one row that a preview gives."""
    with connection.cursor(row_factory=dict_row) as cursor:
        (row,) = cursor.execute(query, given).fetchall()
    return row


@pytest.fixture
def manager(database: Database) -> psycopg.Connection:
    """A manager where reports about roads have office hours: two hours to answer, 17 to resolve."""
    owner = database.connect_owner()
    working.keep(owner)
    agree(owner, "office", 2 * H, 17 * H)
    return database.connect("tvd_manager")


# ------------------------------------------------------------------------------- a policy tried


def test_everything_is_told_at_once(manager: psycopg.Connection) -> None:
    """Both deadlines and warnings, the state, what has been worked, and by which policy and calendar."""
    held = pauses(("2026-09-21 10:00", "2026-09-21 12:00"))
    row = told(manager, TRY, "tvd", "roads", START, held, at("2026-09-21 12:30"), None)

    assert row == {
        "response_deadline": at("2026-09-21 11:00"),
        "resolution_deadline": at("2026-09-23 11:00"),
        "response_warning_at": at("2026-09-21 10:36"),
        # 13 h 36 min: 5.5 on Monday beside the pause, 8.1 on Tuesday.
        "resolution_warning_at": at("2026-09-22 16:06"),
        "sla_status": "breached_response",
        "worked_seconds": 5400,
        "policy": "roads",
        "calendar": "office",
    }


@pytest.mark.parametrize(
    ("until", "worked"),
    [
        ("2026-09-21 08:00", 0),
        ("2026-09-21 09:00", 0),
        ("2026-09-21 09:00:01", 1),
        ("2026-09-21 11:00", 3600),
        ("2026-09-21 23:00", int(5.5 * 3600)),
        ("2026-09-25 08:00", int(22.5 * 3600)),
    ],
)
def test_what_is_worked_is_counted_to_any_instant(
    manager: psycopg.Connection, until: str, worked: int
) -> None:
    """Whole seconds of working time since it was logged, less pauses."""
    held = pauses(("2026-09-21 10:00", "2026-09-21 12:00"))
    row = told(manager, TRY, "tvd", "roads", START, held, START, at(until))

    assert (row["worked_seconds"], row["sla_status"]) == (worked, "on_track")


def test_without_an_instant_it_is_judged_now(
    database: Database, manager: psycopg.Connection
) -> None:
    """The state and the working time are those of this moment."""
    agree(database.connect_owner(), working.ROUND, 2 * H, 17 * H)
    now = dt.datetime.now(dt.UTC)
    states = []
    for ago in (1 * H, 1.7 * H, 3 * H, 18 * H):
        row = told(manager, TRY, "tvd", "roads", now - ago, "[]", None, None)
        assert 0 <= row["worked_seconds"] - ago.total_seconds() < 60
        states.append(row["sla_status"])

    assert states == ["on_track", "warning", "breached_response", "breached_resolution"]


def test_any_year_can_be_tried(manager: psycopg.Connection) -> None:
    """Spans are made for it: a policy without holidays reaches from 1900 to 2199."""
    for year in (1900, 2199):
        start = dt.datetime(year, 6, 15, 9, tzinfo=START.tzinfo)
        row = told(manager, TRY, "tvd", "water", start, "[]", start, None)
        assert row["response_deadline"] == start + 2 * H


def test_one_municipality_tries_its_own_alone(database: Database) -> None:
    """Another's code and one that nobody has get the same refusal."""
    operator = database.connect("tvd_operator")
    for code in ("ksb", "xyz", ""):
        error = desk.refusal(operator, TRY, (code, "water", START, "[]", None, None))
        assert error.sqlstate == "42501"
        assert error.diag.message_primary == "clocks are tried in one's own municipality"

    assert told(operator, TRY, None, "water", START, "[]", None, None)["policy"] == "water"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("gbv", START, "[]", None, None), "no municipal clocks"),
        (("potholes", START, "[]", None, None), "no such category"),
        ((None, START, "[]", None, None), "no such category"),
        (("water", None, "[]", None, None), "between the years 1900 and 2200"),
        (("water", "infinity", "[]", None, None), "between the years 1900 and 2200"),
        (("water", "1899-12-31 23:59:59+00", "[]", None, None), "between the years 1900 and 2200"),
        (("water", START, "[]", "2200-01-01 00:00+00", None), "between the years 1900 and 2200"),
        (("water", START, "[]", None, "-infinity"), "between the years 1900 and 2200"),
        (
            ("water", START, '[["2026-01-01T00:00Z", "2200-01-01T00:00:01Z"]]', None, None),
            "between the years 1900 and 2200",
        ),
        (
            ("water", START, '[["1200-01-01T00:00Z", "2026-01-01T00:00:01Z"]]', None, None),
            "between the years 1900 and 2200",
        ),
        (("water", START, None, None, None), "pauses are a list of [from, to]"),
        (("water", START, "{}", None, None), "pauses are a list of [from, to]"),
        (("water", START, '"now"', None, None), "pauses are a list of [from, to]"),
        *(
            (("water", START, json.dumps([pause]), None, None), "a pause is [from, to]")
            for pause in (
                "2026-01-01T00:00Z",
                [],
                ["2026-01-01T00:00Z"],
                ["2026-01-01T00:00Z", None],
                ["2026-01-01T00:00Z", "2026-01-02T00:00Z", "2026-01-03T00:00Z"],
                ["2026-01-01T00:00", "2026-01-02T00:00"],
                ["2026-02-30T00:00Z", "2026-03-02T00:00Z"],
                ["2026-01-01T00:00Z", "tomorrow"],
                ["2026-01-01T00:00Z", "infinity"],
                [["2026-01-01T00:00Z"], "2026-01-02T00:00Z"],
            )
        ),
        (
            ("water", START, '[["2026-01-02T00:00Z", "2026-01-01T23:59:59Z"]]', None, None),
            "a pause ends after it begins",
        ),
    ],
)
def test_what_cannot_be_tried_is_said_in_a_sentence(
    manager: psycopg.Connection, given: tuple[object, ...], words: str
) -> None:
    """A category, a time or a pause that is none is named, and quoted to no log."""
    desk.assert_invalid(manager, TRY, ("tvd", *given), words)


def test_one_bad_pause_among_good_ones_is_found(manager: psycopg.Connection) -> None:
    """What came before it is not taken for it."""
    good = ["2026-09-21T10:00:00+02:00", "2026-09-21T11:00:00+02:00"]
    for bad in ([good[0]], [good[0], "soon"], good[0]):
        desk.assert_invalid(
            manager, TRY, ("tvd", "roads", START, json.dumps([good, bad]), None, None), "[from, to]"
        )


# ------------------------------------------------------------------------------- a deadline by hand


@pytest.mark.parametrize("clock", ["response", "resolution"])
@pytest.mark.parametrize("held", [False, True])
def test_a_deadline_by_hand_becomes_what_was_told(
    database: Database, manager: psycopg.Connection, clock: str, held: bool
) -> None:
    """Whoever sets it after trying finds what they were told: deadline, warning, and the old one gone."""
    ticket = desk.id_of(database, desk.log(manager, "roads"))
    if held:
        manager.execute(desk.CHANGE, (ticket, "on_hold"))
        manager.execute(desk.CHANGE, (ticket, "in_progress"))
    before = told(manager, "select * from muni.tickets where id = %s", ticket)
    promised = before["created_at"] + 100 * H
    first = told(manager, OVERRIDE, ticket, clock, promised)
    unchanged = told(manager, "select * from muni.tickets where id = %s", ticket)
    manager.execute(
        "select muni.override_deadline(%s, %s, %s, 'promised')", (ticket, clock, promised)
    )
    after = told(manager, "select * from muni.tickets where id = %s", ticket)
    back = told(manager, OVERRIDE, ticket, clock, None)

    assert unchanged == before
    assert (first["was"], first["becomes"]) == (before[f"sla_{clock}_deadline"], promised)
    assert (after[f"sla_{clock}_deadline"], after[f"sla_{clock}_warning_at"]) == (
        *(first["becomes"], first["warning_at"]),
    )
    assert (back["was"], back["becomes"], back["warning_at"]) == (
        *(promised, before[f"sla_{clock}_deadline"], before[f"sla_{clock}_warning_at"]),
    )


@pytest.mark.parametrize(
    ("status", "after", "state", "left"),
    [
        ("open", 3, "on_track", 3),
        ("open", -1, "breached_resolution", -1),
        ("in_progress", 3, "on_track", 3),
        # Set by hand it waits for nobody; nor does it make late what was put on hold in time.
        ("on_hold", 3, "paused", 3),
        ("on_hold", -1, "paused", -1),
    ],
)
def test_the_state_and_what_is_left_are_told(
    database: Database,
    manager: psycopg.Connection,
    status: str,
    after: int,
    state: str,
    left: int,
) -> None:
    """The state that the ticket would have at this moment, and its working time to the new deadline."""
    ticket = desk.new_ticket(database, "operator", status)
    database.connect_owner().execute(
        "update tickets set created_at = created_at - interval '90 min', paused_at = paused_at - interval '80 min'"
    )
    row = told(manager, OVERRIDE, ticket, "resolution", dt.datetime.now(dt.UTC) + after * H)

    assert row["sla_status"] == state
    assert abs(row["working_seconds_left"] - left * 3600) <= 60


def test_left_is_working_time(database: Database, manager: psycopg.Connection) -> None:
    """By a calendar that works two hours a week, a deadline in four weeks leaves eight hours."""
    agree(database.connect_owner(), "saturday", 2 * H, 17 * H)
    ticket = desk.id_of(database, desk.log(manager, "roads"))
    # South Africa has no clock change, and of the days from the 28 next ones each weekday is there four times.
    promised = dt.datetime.now(dt.UTC) + 28 * 24 * H
    row = told(manager, OVERRIDE, ticket, "response", promised)
    off = desk.value(
        database.connect_owner(),
        "select count(*) from calendar_holidays as h join calendars as c on c.id = h.calendar_id"
        " where c.name = 'saturday' and h.day between current_date and current_date + 28"
        " and extract(isodow from h.day) = 6",
    )

    assert abs(row["working_seconds_left"] - (4 - off) * 2 * 3600) <= 60


def test_a_clock_that_stands_still_has_left_what_it_had(
    database: Database, manager: psycopg.Connection
) -> None:
    """On hold, answered or resolved, the time left is that of the moment it stopped."""
    owner = database.connect_owner()
    agree(owner, working.ROUND, 2 * H, 17 * H)
    for status in ("on_hold", "resolved"):
        ticket = desk.id_of(database, desk.log(manager, "roads"))
        manager.execute(desk.CHANGE, (ticket, status))
        owner.execute(
            "update tickets set created_at = created_at - interval '9 h', paused_at = paused_at - interval '8 h',"
            " resolved_at = resolved_at - interval '8 h', first_responded_at = first_responded_at - interval '8 h'"
            " where id = %s",
            (ticket,),
        )
        row = told(manager, OVERRIDE, ticket, "resolution", None)
        assert abs(row["working_seconds_left"] - 16 * 3600) <= 60
        row = told(manager, OVERRIDE, ticket, "response", None)
        left = 1 if status == "resolved" else -7
        assert abs(row["working_seconds_left"] - left * 3600) <= 60


@pytest.mark.parametrize("clock", ["response", "resolution"])
def test_a_ticket_without_clocks_stays_so(
    database: Database, manager: psycopg.Connection, clock: str
) -> None:
    """An import without clocks can be promised something; given back, it has none again."""
    item = {"source_id": "1", "category": "roads", "description": "a pothole"}
    item["created_at"] = "2026-01-05T10:00:00+02:00"
    database.connect("tvd_admin").execute(
        "select * from muni.import_tickets('old', %s)", (json.dumps([item]),)
    )
    ticket = desk.value(manager, "select id from muni.tickets")
    promised = told(manager, OVERRIDE, ticket, clock, dt.datetime.now(dt.UTC) + H)
    back = told(manager, OVERRIDE, ticket, clock, None)

    assert (promised["was"], promised["sla_status"]) == (None, "warning")
    assert set(back.values()) == {None}


@pytest.mark.parametrize(
    ("clock", "deadline", "words"),
    [
        ("both", START, "the clock is response or resolution"),
        (None, START, "the clock is response or resolution"),
        ("response", "2020-01-01 00:00+00", "a deadline lies after the ticket was logged"),
        ("response", "infinity", "a deadline lies after the ticket was logged"),
        ("resolution", "-infinity", "a deadline lies after the ticket was logged"),
        ("resolution", "2040-01-01 00:00+00", "is known from"),
    ],
)
def test_what_cannot_be_set_cannot_be_tried(
    database: Database,
    manager: psycopg.Connection,
    clock: str | None,
    deadline: object,
    words: str,
) -> None:
    """The sentence is the one that setting it gets."""
    ticket = desk.id_of(database, desk.log(manager, "roads"))

    desk.assert_invalid(manager, OVERRIDE, (ticket, clock, deadline), words)
    desk.assert_invalid(
        manager,
        "select muni.override_deadline(%s, %s, %s, 'promised')",
        (ticket, clock, deadline),
        words,
    )


def test_nobody_tries_it_on_what_they_do_not_see(
    database: Database, manager: psycopg.Connection
) -> None:
    """A report, opened or not, another municipality's ticket and none at all are refused as ever."""
    promised = dt.datetime.now(dt.UTC) + H
    number = desk.log(manager, "gbv")
    report = desk.id_of(database, number)
    foreign = desk.id_of(database, desk.log(database.connect("ksb_operator"), "water"))
    for ticket in (report, foreign, desk.NOBODY["id"]):
        desk.assert_refused(manager, OVERRIDE, (ticket, "response", promised))
    admin = database.connect("tvd_admin")
    admin.execute("select muni.open_confidential_report(%s, 'a court order')", (number,))

    desk.assert_invalid(
        admin, OVERRIDE, (report, "response", promised), "has neither municipal deadlines"
    )
