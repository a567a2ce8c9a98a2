"""The SLA clocks: the state of a ticket in the order of rule 10, pauses, reopening, and what is due next."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from support.database import Database

from law import desk

pytestmark = pytest.mark.law

T0 = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

STATE = """
muni.sla_state(
    status, at, sla_response_deadline, sla_resolution_deadline, sla_response_warning_at,
    sla_resolution_warning_at, first_responded_at, resolved_at, paused_at
)
"""
CLOCKS = {
    "status": "open",
    "sla_response_deadline": T0 + 2 * HOUR,
    "sla_resolution_deadline": T0 + 10 * HOUR,
    "sla_response_warning_at": T0 + 1.6 * HOUR,
    "sla_resolution_warning_at": T0 + 8 * HOUR,
    "first_responded_at": None,
    "resolved_at": None,
    "paused_at": None,
}
"""A new ticket: two hours to answer, ten to resolve, a warning at 80 %."""

ANSWERED = {"status": "in_progress", "first_responded_at": T0 + HOUR}
HELD = {"status": "on_hold", "paused_at": T0 + HOUR}
RESOLVED = {"status": "resolved", "first_responded_at": T0 + HOUR}


def state(connection: psycopg.Connection, at: dt.datetime, **clocks: Any) -> str | None:
    """What the law calls a ticket with these clocks at an instant."""
    given: Mapping[str, Any] = {**CLOCKS, **clocks, "at": at}
    columns = ", ".join(
        f"%({name})s::{'text' if name == 'status' else 'timestamptz'} as {name}" for name in given
    )
    row = connection.execute(f"select {STATE} from (select {columns}) as t", given).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("after", "clocks", "expected"),
    [
        # Unanswered: warning at 1.6 h, breached after 2 h, whatever else; the resolution's breach comes first.
        (1.5, {}, "on_track"),
        (1.6, {}, "warning"),
        (2, {}, "warning"),
        (2.01, {}, "breached_response"),
        (8, {}, "breached_response"),
        (10, {}, "breached_response"),
        (10.01, {}, "breached_resolution"),
        # Answered: the response is done with, late or not.
        (2.01, ANSWERED, "on_track"),
        (8, ANSWERED, "warning"),
        (10, ANSWERED, "warning"),
        (10.01, ANSWERED, "breached_resolution"),
        (5, {"status": "in_progress", "first_responded_at": T0 + 3 * HOUR}, "on_track"),
        # Escalated is a status like another (rule 6).
        (3, {"status": "escalated"}, "breached_response"),
        (3, {**ANSWERED, "status": "escalated"}, "on_track"),
        (11, {**ANSWERED, "status": "escalated"}, "breached_resolution"),
        # On hold the resolution stands still; an unanswered response does not.
        (1.5, HELD, "paused"),
        (1.7, HELD, "paused"),
        (2, HELD, "paused"),
        (2.01, HELD, "breached_response"),
        (99, {**HELD, "first_responded_at": T0 + HOUR}, "paused"),
        (99, {**HELD, "first_responded_at": T0, "paused_at": T0 + 9 * HOUR}, "paused"),
        (99, {**HELD, "first_responded_at": T0, "paused_at": T0 + 10 * HOUR}, "paused"),
        (
            99,
            {**HELD, "first_responded_at": T0, "paused_at": T0 + 11 * HOUR},
            "breached_resolution",
        ),
        # Resolved and closed are judged at the resolution, for ever.
        (99, {**RESOLVED, "resolved_at": T0 + 5 * HOUR}, "on_track"),
        (99, {**RESOLVED, "resolved_at": T0 + 8 * HOUR}, "warning"),
        (99, {**RESOLVED, "resolved_at": T0 + 10 * HOUR}, "warning"),
        (99, {**RESOLVED, "resolved_at": T0 + 11 * HOUR}, "breached_resolution"),
        (99, {**RESOLVED, "status": "closed", "resolved_at": T0 + 5 * HOUR}, "on_track"),
        (
            99,
            {**RESOLVED, "status": "closed", "resolved_at": T0 + 11 * HOUR},
            "breached_resolution",
        ),
    ],
)
def test_the_state_is_the_first_that_holds(
    database: Database, after: float, clocks: dict[str, Any], expected: str
) -> None:
    """Breached resolution, breached response, paused, warning, on track: the first that is true is the state."""
    if clocks.get("resolved_at") is not None:
        clocks = {**clocks, "paused_at": clocks["resolved_at"]}

    assert state(database.connect("tvd_operator"), T0 + after * HOUR, **clocks) == expected


def test_a_ticket_without_clocks_has_no_state(database: Database) -> None:
    """What carries no deadlines is neither on track nor late."""
    none = dict.fromkeys(name for name in CLOCKS if name.startswith("sla_"))

    assert state(database.connect("tvd_operator"), T0, **none) is None


# ------------------------------------------------------------------------------------- moving


def imported(
    database: Database, *created: dt.datetime, category: str = "water", with_sla: bool = True
) -> list[str]:
    """Tickets of `tvd` that were created at these instants; their numbers."""
    items = [
        {
            "source_id": str(place),
            "category": category,
            "description": "a leak",
            "created_at": at.isoformat(),
        }
        for place, at in enumerate(created)
    ]
    with database.connect("tvd_admin") as admin:
        rows = admin.execute(
            "select outcome, detail from muni.import_tickets(gen_random_uuid()::text, %s, %s)",
            (json.dumps(items), with_sla),
        ).fetchall()
    assert {outcome for outcome, _ in rows} == {"imported"}
    return [str(number) for _, number in rows]


def moved(
    owner: psycopg.Connection, number: str, *moves: tuple[str, dt.datetime]
) -> dict[str, Any]:
    """Take a ticket along its moves at their instants; the row it ends as."""
    for status, at in moves:
        owner.execute(
            "select _append(t, 'status_changed', to_status => %s, at => %s) from tickets as t"
            " where t.tracking_number = %s",
            (status, at, number),
        )
    with owner.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "select * from tickets where tracking_number = %s", (number,)
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("moves", "later"),
    [
        ([], 0),
        ([("on_hold", 2), ("in_progress", 4)], 2),
        ([("on_hold", 2), ("escalated", 4)], 2),
        ([("on_hold", 1), ("in_progress", 2), ("on_hold", 3), ("in_progress", 6)], 4),
        # The time on hold is no working time either when the ticket is resolved straight away.
        ([("on_hold", 2), ("resolved", 30)], 28),
        ([("on_hold", 2), ("resolved", 30), ("closed", 40)], 28),
        ([("on_hold", 2), ("resolved", 30), ("in_progress", 50)], 48),
        # Resolved and closed count as a pause once the ticket is reopened, and only then.
        ([("resolved", 5), ("closed", 9)], 0),
        ([("resolved", 5), ("in_progress", 15)], 10),
        ([("resolved", 5), ("closed", 9), ("in_progress", 15)], 10),
        # Escalated neither pauses nor stops.
        ([("escalated", 2), ("in_progress", 9), ("escalated", 10)], 0),
    ],
)
def test_the_resolution_deadline_moves_by_the_pauses(
    database: Database, moves: list[tuple[str, float]], later: float
) -> None:
    """A pause moves the resolution's deadline and warning by its length, and the response's by nothing."""
    (number,) = imported(database, T0)
    row = moved(
        database.connect_owner(), number, *((status, T0 + hours * HOUR) for status, hours in moves)
    )

    assert row["sla_resolution_deadline"] == T0 + (24 + later) * HOUR
    assert row["sla_resolution_warning_at"] == T0 + (19.2 + later) * HOUR
    assert row["sla_response_deadline"] == T0 + 2 * HOUR
    assert row["sla_response_warning_at"] == T0 + 1.6 * HOUR


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([("on_hold", 20), ("resolved", 60)], "warning"),
        ([("on_hold", 1), ("resolved", 60)], "on_track"),
        ([("on_hold", 25), ("resolved", 26)], "breached_resolution"),
        ([("on_hold", 25), ("resolved", 26), ("closed", 99)], "breached_resolution"),
        ([("resolved", 25), ("in_progress", 99)], "breached_resolution"),
        ([("resolved", 1), ("in_progress", 99)], "on_track"),
        ([("resolved", 1), ("closed", 2), ("in_progress", 99)], "on_track"),
    ],
)
def test_a_pause_neither_makes_nor_mends_a_breach(
    database: Database, moves: list[tuple[str, float]], expected: str
) -> None:
    """What was in time when the clock stopped is in time when it goes on; what was late stays late."""
    (number,) = imported(database, T0)
    moves_at = [(status, T0 + hours * HOUR) for status, hours in moves]
    row = moved(database.connect_owner(), number, *moves_at)
    clocks = {name: row[name] for name in CLOCKS}

    assert (
        state(database.connect("tvd_operator"), moves_at[-1][1] + HOUR / 60, **clocks) == expected
    )


def test_only_an_answer_stops_the_response_clock(database: Database) -> None:
    """In progress or resolved is the first response; assignment, hold and escalation are none."""
    owner = database.connect_owner()
    (number,) = imported(database, T0)
    owner.execute(
        "select _append(t, 'assigned', team_id => t.assigned_team_id, assignee => 'tvd_operator',"
        " at => %s) from tickets as t",
        (T0 + HOUR,),
    )
    row = moved(owner, number, ("on_hold", T0 + HOUR), ("escalated", T0 + 2 * HOUR))
    assert row["first_responded_at"] is None
    row = moved(owner, number, ("in_progress", T0 + 3 * HOUR), ("resolved", T0 + 4 * HOUR))

    assert row["first_responded_at"] == T0 + 3 * HOUR
    row = moved(owner, *imported(database, T0), ("resolved", T0 + 4 * HOUR))
    assert (row["first_responded_at"], row["resolved_at"]) == (T0 + 4 * HOUR, T0 + 4 * HOUR)


def test_reopening_clears_the_resolution_and_nothing_else(database: Database) -> None:
    """A reopened ticket keeps its first response and escalation, and is resolved anew later."""
    row = moved(
        database.connect_owner(),
        *imported(database, T0),
        ("escalated", T0 + HOUR),
        ("resolved", T0 + 2 * HOUR),
        ("closed", T0 + 3 * HOUR),
        ("in_progress", T0 + 4 * HOUR),
    )

    assert (row["resolved_at"], row["paused_at"]) == (None, None)
    assert (row["first_responded_at"], row["escalated_at"]) == (T0 + 2 * HOUR, T0 + HOUR)


# New York's clocks change in the night to 8 March: within the targets, or within the pause.
@pytest.mark.parametrize("day", [7, 4])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Africa/Johannesburg"])
def test_a_clock_change_somewhere_moves_no_deadline(
    database: Database, zone: str, day: int
) -> None:
    """A day is 24 hours, in targets and pauses, whatever the caller's time zone does that night."""
    owner = database.connect_owner()
    owner.execute(f"set time zone '{zone}'")
    owner.execute("update sla_policies set resolution_target = '3 days', response_target = '1 day'")
    created = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
    admin = database.connect("tvd_admin")
    admin.execute(f"set time zone '{zone}'")
    admin.execute(
        "select * from muni.import_tickets('zone', %s, true)",
        (
            json.dumps(
                [
                    {
                        "source_id": "1",
                        "category": "water",
                        "description": "a leak",
                        "created_at": created.isoformat(),
                    }
                ]
            ),
        ),
    )
    number = desk.value(owner, "select tracking_number from tickets")
    row = moved(owner, number, ("on_hold", created + HOUR), ("in_progress", created + 49 * HOUR))

    assert row["sla_response_deadline"] == created + DAY
    assert row["sla_resolution_deadline"] == created + 5 * DAY
    assert row["sla_resolution_warning_at"] == created + 2.4 * DAY + 2 * DAY


@pytest.mark.parametrize(
    ("login", "category", "hours"),
    [
        ("tvd_operator", "water", (2, 24)),
        ("tvd_operator", "roads", (8, 72)),
        ("ksb_operator", "water", (24, 168)),
    ],
)
def test_the_policy_is_the_categorys_then_the_default_then_the_built_in(
    database: Database, login: str, category: str, hours: tuple[int, int]
) -> None:
    """A category's own policy comes first, the municipality's default second, 24 and 168 hours last."""
    operator = database.connect(login)
    desk.log(operator, category)
    row = operator.execute(
        "select sla_response_deadline - created_at, sla_resolution_deadline - created_at,"
        " sla_response_warning_at - created_at, sla_resolution_warning_at - created_at from muni.tickets"
    )

    assert row.fetchone() == tuple(share * h * HOUR for share in (1, 0.8) for h in hours)


def test_neither_gbv_nor_an_import_without_clocks_has_any(database: Database) -> None:
    """A GBV report and what came from an old system without clocks are never due."""
    desk.log(database.connect("tvd_operator"), "gbv")
    imported(database, T0, with_sla=False)
    owner = database.connect_owner()
    rows = owner.execute(
        f"select {STATE}, next_deadline, next_warning from (select t.*, now() as at from tickets as t) as t"
    )

    assert rows.fetchall() == [(None, NEVER, NEVER)] * 2


# --------------------------------------------------------------------------- what is due next

MOVES = {
    "open": ("in_progress", "on_hold", "escalated", "resolved"),
    "in_progress": ("open", "on_hold", "escalated", "resolved"),
    "on_hold": ("in_progress", "escalated", "resolved"),
    "escalated": ("in_progress", "on_hold", "resolved"),
    "resolved": ("closed", "in_progress"),
    "closed": ("in_progress",),
}


def expected_state(row: dict[str, Any], at: dt.datetime) -> str:
    """Rule 10 once more, from the row."""
    judged = row["resolved_at"] or at
    late = judged if row["status"] != "on_hold" else row["paused_at"]
    unanswered = row["first_responded_at"] is None
    if late > row["sla_resolution_deadline"]:
        return "breached_resolution"
    if unanswered and judged > row["sla_response_deadline"]:
        return "breached_response"
    if row["status"] == "on_hold":
        return "paused"
    if judged >= row["sla_resolution_warning_at"] or (
        unanswered and judged >= row["sla_response_warning_at"]
    ):
        return "warning"
    return "on_track"


def test_what_is_due_next_agrees_with_the_state(database: Database) -> None:
    """For tickets of every history: breached exactly when the next deadline is past, warned in between."""
    chance = random.Random(20260302)
    owner = database.connect_owner()
    now = desk.value(owner, "select now()")
    begins = [now - chance.uniform(0, 60) * HOUR for _ in range(150)]
    numbers = [
        *imported(database, *begins[:75]),
        *imported(database, *begins[75:], category="roads"),
    ]
    for number, begin in zip(numbers, begins, strict=True):
        at, status = begin, "open"
        moves = []
        while chance.random() < 0.7 and at < now:
            status = chance.choice(MOVES[status])
            at += min(chance.expovariate(1 / 5) * HOUR, now - at)
            moves.append((status, at))
        moved(owner, number, *moves)
    with owner.transaction(), owner.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"select t.*, {STATE} as state from (select t.*, now() as at from tickets as t) as t"
        ).fetchall()

    assert {row["state"] for row in rows} == {
        *("breached_resolution", "breached_response", "paused", "warning", "on_track"),
    }
    for row in rows:
        assert row["state"] == expected_state(row, row["at"]), row
        if row["status"] in {"resolved", "closed"}:
            assert (row["next_deadline"], row["next_warning"]) == (NEVER, NEVER)
            continue
        assert row["state"].startswith("breached") == (row["next_deadline"] < row["at"]), row
        if row["state"] == "warning":
            assert row["next_warning"] <= row["at"] <= row["next_deadline"], row
        if row["state"] == "on_track":
            assert row["next_warning"] > row["at"], row
