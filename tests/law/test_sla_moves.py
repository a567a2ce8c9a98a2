"""Worked examples of what is done to a ticket, and what becomes of its clocks (docs/reference/sla.md, 4 to 9)."""

from __future__ import annotations

import json
import uuid

import psycopg
import pytest
from psycopg.rows import dict_row
from support.database import Database

from law import desk
from law.working import H, agree, at

pytestmark = pytest.mark.law


WATER, ROADS = ("water", 2, 17), ("roads", 4, 34)
Step = tuple[str, str]


def made(database: Database, created: str) -> uuid.UUID:
    """A ticket about roads that was logged at this time."""
    owner = database.connect_owner()
    for category, response, resolution in (ROADS, WATER):
        agree(owner, "office", response * H, resolution * H, category)
    given = {
        "municipality_id": 1,
        "is_sensitive": False,
        "category": "roads",
        "severity": "low",
        "description": "a pothole",
        "language": "en",
        "created_at": at(created).isoformat(),
        "sla_policy_id": desk.value(owner, "select _policy(1, 'roads')"),
    }
    ticket = desk.value(
        owner,
        "select (_insert_ticket(_date_clocks(jsonb_populate_record(null::tickets, %s)))).id",
        json.dumps(given),
    )
    move(owner, ticket, "open", created)
    return ticket


def move(owner: psycopg.Connection, ticket: uuid.UUID, status: str, moment: str) -> None:
    """Bring a ticket to a status at a time, or record a contact, as the functions at a desk do at once."""
    kind = {"open": "created", "contacted": "contacted"}.get(status, "status_changed")
    owner.execute(
        "select _append(t, %s, to_status => %s, at => %s) from tickets as t where t.id = %s",
        (kind, None if status == "contacted" else status, at(moment), ticket),
    )


MON = "2026-09-21 "
TUE = "2026-09-22 "
MOVES: list[tuple[str, tuple[Step, ...], dict[str, str | None]]] = [
    # Logged on Monday 21 September 2026 at 08:00: to be answered by 12:00, resolved by Thursday's closing time,
    # which is Friday's, since Thursday is Heritage Day. Tuesday and Wednesday are 8.5 h each.
    ("nothing done", (), {"response": MON + "12:00", "resolution": "2026-09-25 16:30"}),
    # Rule 4: what answers, and that only the first does.
    ("in progress", (("in_progress", MON + "09:00"),), {"answered": MON + "09:00"}),
    ("resolved", (("resolved", MON + "09:00"),), {"answered": MON + "09:00"}),
    ("called", (("contacted", MON + "10:00"),), {"answered": MON + "10:00"}),
    ("on hold is none", (("on_hold", MON + "09:00"),), {"answered": None}),
    ("escalated is none", (("escalated", MON + "09:00"),), {"answered": None}),
    (
        "the first counts",
        (("contacted", MON + "09:00"), ("in_progress", MON + "10:00")),
        {"answered": MON + "09:00"},
    ),
    ("in time to the second", (("contacted", MON + "12:00"),), {"response breached": None}),
    (
        "late by a second",
        (("contacted", MON + "12:00:01"),),
        {"response breached": MON + "12:00", "answered": MON + "12:00:01"},
    ),
    # Rule 5: on hold, with what is not working time left out of it.
    (
        "on hold for two hours",
        (("on_hold", MON + "09:00"), ("in_progress", MON + "11:00")),
        {"resolution": "2026-09-28 10:00", "response": MON + "12:00"},
    ),
    (
        "on hold over night",
        (("on_hold", MON + "16:00"), ("in_progress", TUE + "08:30")),
        {"resolution": "2026-09-28 09:00"},
    ),
    (
        "on hold over a holiday",
        (("on_hold", "2026-09-23 16:30"), ("in_progress", "2026-09-25 08:00")),
        {"resolution": "2026-09-25 16:30"},
    ),
    (
        "twice",
        (
            *(("on_hold", MON + "09:00"), ("in_progress", MON + "10:00")),
            *(("on_hold", MON + "11:00"), ("in_progress", MON + "12:00")),
        ),
        {"resolution": "2026-09-28 10:00"},
    ),
    (
        "resolved and reopened",
        (("resolved", MON + "09:00"), ("in_progress", MON + "11:00")),
        {"resolution": "2026-09-28 10:00", "resolved": None},
    ),
    (
        "closed and reopened",
        (("resolved", MON + "09:00"), ("closed", MON + "10:00"), ("in_progress", MON + "11:00")),
        {"resolution": "2026-09-28 10:00", "resolved": None},
    ),
    (
        "resolved from hold",
        (("on_hold", MON + "09:00"), ("resolved", MON + "11:00")),
        {"resolution": "2026-09-28 10:00", "resolved": MON + "11:00"},
    ),
    # Rule 6: escalated neither pauses nor stops.
    (
        "escalated for a day",
        (("escalated", MON + "09:00"), ("in_progress", TUE + "09:00")),
        {"resolution": "2026-09-25 16:30", "response breached": MON + "12:00"},
    ),
    # Resolved in time, late, and late all the same after a pause that came too late.
    (
        "resolved at closing time",
        (("resolved", "2026-09-25 16:30"),),
        {"resolution breached": None},
    ),
    (
        "resolved at the next opening",
        (("resolved", "2026-09-28 08:00"),),
        {"resolution breached": "2026-09-25 16:30"},
    ),
    (
        "put on hold too late",
        (("on_hold", "2026-09-28 09:00"), ("resolved", "2026-09-28 10:00")),
        {"resolution breached": "2026-09-25 16:30", "resolution": "2026-09-25 16:30"},
    ),
    # Rule 8: under the new policy from the beginning, pauses kept.
    (
        "another category",
        (("reclassify", "water"),),
        {"response": MON + "10:00", "resolution": TUE + "16:30"},
    ),
    (
        "another category after a pause",
        (("on_hold", MON + "09:00"), ("in_progress", MON + "11:00"), ("reclassify", "water")),
        {"resolution": "2026-09-23 10:00", "response": MON + "10:00"},
    ),
    # Rule 9: by hand until it is given back; the other clock, pauses and categories do not move it.
    (
        "promised",
        (("override", TUE + "12:00"),),
        {"resolution": TUE + "12:00", "response": MON + "12:00"},
    ),
    (
        "promised and paused",
        (("override", TUE + "12:00"), ("on_hold", MON + "09:00"), ("in_progress", MON + "11:00")),
        {"resolution": TUE + "12:00"},
    ),
    (
        "promised and reclassified",
        (("override", TUE + "12:00"), ("reclassify", "water")),
        {"resolution": TUE + "12:00", "response": MON + "10:00"},
    ),
    (
        "promised and given back",
        (
            *(("override", TUE + "12:00"), ("on_hold", MON + "09:00")),
            *(("in_progress", MON + "11:00"), ("clear", "")),
        ),
        {"resolution": "2026-09-28 10:00"},
    ),
]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [pytest.param(steps, expected, id=words) for words, steps, expected in MOVES],
)
def test_the_clocks_follow_what_is_done(
    town: Database, steps: tuple[Step, ...], expected: dict[str, str | None]
) -> None:
    """Rules 4 to 9, on a ticket about roads that was logged on a Monday at eight."""
    owner, manager = town.connect_owner(), town.connect("tvd_manager")
    ticket = made(town, MON + "08:00")
    for what, value in steps:
        if what == "reclassify":
            manager.execute("select muni.reclassify(%s, %s, 'looked again')", (ticket, value))
        elif what in {"override", "clear"}:
            manager.execute(
                "select muni.override_deadline(%s, 'resolution', %s, 'promised')",
                (ticket, at(value) if value else None),
            )
        else:
            move(owner, ticket, what, value)
    with owner.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("select * from tickets where id = %s", (ticket,)).fetchone()
    assert row is not None
    columns = {
        "response": "sla_response_deadline",
        "resolution": "sla_resolution_deadline",
        "answered": "first_responded_at",
        "resolved": "resolved_at",
        "response breached": "sla_response_breached_at",
        "resolution breached": "sla_resolution_breached_at",
    }

    assert {name: row[columns[name]] for name in expected} == {
        name: None if value is None else at(value) for name, value in expected.items()
    }
