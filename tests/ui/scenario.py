"""Tickets the console's tests look at: logged, worked on and aged so that every state occurs.

All of it goes through the law's own functions as the people of the test world; only the ages are
written by the owner, since nobody else can make a ticket older than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from support.database import Database


@dataclass(frozen=True, slots=True)
class Past:
    """One ticket: what was reported, how long ago, and what was done since.

    `work` is a list of words: a person's user name (assigned to them), a status, or a note that
    begins with `#`.
    """

    category: str
    severity: str
    description: str
    minutes: int
    work: tuple[str, ...] = ()
    address: str | None = None
    name: str | None = None
    phone: str | None = None
    language: str = "en"


def _afternoon(now: datetime) -> str:
    """A time zone in which it is between three and four in the afternoon: a few hours ago is today there."""
    ahead = (15 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


ZONE = _afternoon(datetime.now(UTC))
"""The municipality's, as long as the tests run."""
HOUR, DAY = 60, 1440
MUNICIPAL = (
    Past(
        "water",
        "critical",
        "Burst main, the whole street is under water and it runs into two houses",
        25 * HOUR,
        ("tvd_operator", "in_progress", "#Contractor called, on site within the hour"),
        "12 Protea Street, Eastbank",
        "T. Caller",
        "+27115550101",
    ),
    Past("water", "high", "No water since this morning", 3 * HOUR, (), "4 Kloof Road, Hillview"),
    Past(
        "water",
        "medium",
        "Low pressure on the second floor",
        103,
        ("tvd_operator",),
        "88 Main Road",
    ),
    Past(
        "roads",
        "medium",
        "Pothole in front of the school gate, two cars damaged already this week",
        61 * HOUR,
        ("tvd_operator2", "in_progress", "on_hold", "#Waiting for asphalt"),
        "School Lane, Northfield",
        language="af",
    ),
    Past("electricity", "high", "Street lights out along the taxi rank", 7 * HOUR, (), "Rank Road"),
    Past("waste", "low", "Bins not emptied on Tuesday", 2 * DAY, ("in_progress",)),
    Past("sanitation", "critical", "Manhole overflows into the stream", 50, (), "River Walk"),
    Past("other", "low", "Stray cattle on the soccer field", 12, ()),
    Past(
        "roads",
        "high",
        "Traffic light at the bridge shows green to both sides",
        30,
        ("tvd_operator2", "escalated"),
    ),
    Past(
        "water",
        "low",
        "Meter box lid missing",
        5 * HOUR,
        ("tvd_operator", "resolved", "#Lid replaced"),
    ),
    Past("electricity", "medium", "Indlu ayinagesi kusukela izolo", 4 * HOUR, (), language="zu"),
    Past("water", "medium", "Leaking hydrant, corner of 3rd and Oak", 22 * HOUR, ("tvd_operator",)),
    Past("waste", "medium", "Illegal dumping behind the clinic", 26 * HOUR, ("in_progress",)),
    Past("roads", "low", "Faded zebra crossing", 5, ()),
)
GBV = (
    Past("gbv", "critical", "Fictitious report one, for tests only", 90, (), "Test address 1"),
    Past("gbv", "high", "Fictitious report two, for tests only", 5 * HOUR, ("tvd_saps",)),
    Past("gbv", "medium", "Fictitious report three, for tests only", 3 * DAY, ("resolved",)),
)


_TEAM_OF = {"tvd_operator": "Water 1", "tvd_operator2": "Roads 1", "tvd_saps": "SAPS North"}
_ASSIGN = "select muni.assign_ticket(%s, (select id from muni.teams where name = %s), %s)"


_MOVING = (
    "created_at",
    "updated_at",
    "first_responded_at",
    "resolved_at",
    "paused_at",
    "escalated_at",
    "sla_response_deadline",
    "sla_resolution_deadline",
    "sla_response_warning_at",
    "sla_resolution_warning_at",
)


def fill(database: Database, pasts: Sequence[Past] = (*MUNICIPAL, *GBV)) -> dict[str, str]:
    """Write the tickets; gives the description of each tracking number, oldest call first."""
    people = {
        role: database.connect(f"tvd_{role}") for role in ("operator", "manager", "saps", "admin")
    }
    with database.connect_owner() as owner:
        owner.execute("update municipalities set time_zone = %s", (ZONE,))
        return {_log(people, owner, past): past.description for past in pasts}


def _log(people: dict[str, psycopg.Connection], owner: psycopg.Connection, past: Past) -> str:
    (number,) = _one(
        people["operator"],
        "select muni.log_ticket(%s, %s, %s, %s, null, null, %s, %s, %s)",
        (
            past.category,
            past.severity,
            past.description,
            past.address,
            past.name,
            past.phone,
            past.language,
        ),
    )
    (ticket,) = _one(owner, "select id from tickets where tracking_number = %s", (number,))
    worker = people["saps" if past.category == "gbv" else "manager"]
    for step in past.work:
        if step in _TEAM_OF:
            _one(worker, _ASSIGN, (ticket, _TEAM_OF[step], step))
        elif step.startswith("#"):
            _one(worker, "select muni.add_note(%s, %s)", (ticket, step[1:]))
        else:
            _one(worker, "select muni.change_status(%s, %s)", (ticket, step))
    _age(owner, ticket, past.minutes)
    return str(number)


def _age(owner: psycopg.Connection, ticket: object, minutes: int) -> None:
    """Make a ticket older; its events follow each other in steps of a few seconds."""
    shift = f"interval '{minutes} minutes'"
    clocks = ", ".join(f"{column} = {column} - {shift}" for column in _MOVING)
    owner.execute(f"update tickets set {clocks} where id = %s", (ticket,))
    owner.execute(f"update ticket_events set at = at - {shift} where ticket_id = %s", (ticket,))
    owner.execute(
        f"update ticket_search set created_at = created_at - {shift} where ticket_id = %s",
        (ticket,),
    )


def rejuvenate(database: Database, seconds: float) -> None:
    """Have everything happen so much later: as old again as it was when it was written."""
    shift = f"interval '{seconds:.6f} seconds'"
    moved = ", ".join(f"{column} = {column} + {shift}" for column in _MOVING)
    with database.connect_owner() as owner:
        owner.execute(f"update tickets set {moved}")
        owner.execute(f"update ticket_events set at = at + {shift}")
        owner.execute(f"update ticket_search set created_at = created_at + {shift}")


def sweep(database: Database) -> None:
    """Have the clocks looked after by a manager's console; the alerts in the order of their tickets' age."""
    _one(database.connect("tvd_manager"), "select muni.sweep_sla(interval '0 seconds')", ())
    with database.connect_owner() as owner:
        owner.execute(
            "update alerts as a set at = a.at - (a.at - t.created_at) / 100000"
            " - case a.clock when 'response' then interval '1 ms' else '0' end"
            " from tickets as t where t.id = a.ticket_id"
        )


def _one(
    connection: psycopg.Connection, statement: str, values: Sequence[object]
) -> tuple[object, ...]:
    row = connection.execute(statement, values).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return tuple(row)
