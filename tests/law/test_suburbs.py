"""A municipality's suburbs, as its file names them."""

from __future__ import annotations

import json

import psycopg
import pytest
from support.database import Database

from law import desk

APPLY = "select what, change, detail from muni.apply_municipality(%s, %s)"
HILLTOP = {"name": "Hilltop", "latitude": -26.15, "longitude": 28.05}
SIDING = {"name": "Old Siding", "latitude": -26.3, "longitude": 28.1}

pytestmark = pytest.mark.law


def plan(*suburbs: dict[str, object]) -> str:
    """What a file with these suburbs says."""
    return json.dumps(
        {
            "code": "tvd",
            "name": "Testville District",
            "time_zone": "Africa/Johannesburg",
            "calendars": [],
            "policies": [{"category": None, "calendar": None, **POLICY}],
            "teams": [],
            "suburbs": suburbs,
        }
    )


POLICY = {"response": 60, "resolution": 600, "warning_percent": 80}


def apply(
    admin: psycopg.Connection, *suburbs: dict[str, object], dry_run: bool = False
) -> list[tuple[str, object]]:
    """How applying these suburbs changes them, and the detail of it."""
    rows = admin.execute(APPLY, (plan(*suburbs), dry_run)).fetchall()
    return [(change, detail) for what, change, detail in rows if what == "suburbs"]


def names(person: psycopg.Connection) -> list[str]:
    """The suburbs that a person sees."""
    rows = person.execute("select name from muni.suburbs order by name").fetchall()
    return [name for (name,) in rows]


def test_suburbs_are_those_of_the_file_and_no_others(database: Database) -> None:
    """Added, moved and taken away, and the same again is no change; colleagues elsewhere see none."""
    admin, operator = database.connect("tvd_admin"), database.connect("tvd_operator")
    first = apply(admin, HILLTOP, SIDING)
    again = apply(admin, SIDING, HILLTOP)
    moved = apply(admin, {**HILLTOP, "latitude": -26.16})

    assert first == [
        (
            "added",
            {
                "Hilltop": {"from": None, "to": [-26.15, 28.05]},
                "Old Siding": {"from": None, "to": [-26.3, 28.1]},
            },
        )
    ]
    assert again == []
    assert moved == [
        (
            "changed",
            {
                "Hilltop": {"from": [-26.15, 28.05], "to": [-26.16, 28.05]},
                "Old Siding": {"from": [-26.3, 28.1], "to": None},
            },
        )
    ]
    assert names(operator) == ["Hilltop"]
    assert names(database.connect("ksb_operator")) == []


def test_a_change_of_suburbs_has_its_line_in_the_audit_log(database: Database) -> None:
    """Who changed them, and what."""
    admin = database.connect("tvd_admin")
    apply(admin, HILLTOP)
    data = desk.value(
        admin,
        "select data from muni.audit_log where kind = 'municipality_changed' and data ? 'suburbs'",
    )

    assert data["suburbs"] == {"Hilltop": {"from": None, "to": [-26.15, 28.05]}}


def test_a_look_ahead_writes_no_suburb(database: Database) -> None:
    """It tells what would change."""
    admin = database.connect("tvd_admin")

    assert apply(admin, HILLTOP, dry_run=True)
    assert names(admin) == []


@pytest.mark.parametrize(
    ("suburbs", "words"),
    [
        (({**HILLTOP, "latitude": 91},), "expected latitude and longitude"),
        (({"name": "Hilltop", "longitude": 28},), "expected latitude and longitude"),
        (({**HILLTOP, "name": " "},), "one line of plain text"),
        (({**HILLTOP, "name": "Hill\u202etop"},), "one line of plain text"),
        ((HILLTOP, {**SIDING, "name": "hilltop"}), "is there twice"),
    ],
)
def test_what_is_no_suburb_is_refused(
    database: Database, suburbs: tuple[dict[str, object], ...], words: str
) -> None:
    """In a sentence, and nothing is changed."""
    admin = database.connect("tvd_admin")
    desk.assert_invalid(admin, APPLY, (plan(*suburbs), False), words)

    assert names(admin) == []
