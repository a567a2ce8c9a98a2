"""Tickets of an earlier release after an upgrade: their pauses, policies and breaches as if they had always been."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.multirange import Multirange
from psycopg.types.range import Range
from support.database import Database, Server

from law import desk, house

pytestmark = pytest.mark.law

T0 = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)

_PEOPLE = """
insert into municipalities (code, name) values ('old', 'Old Town'), ('new', 'New Town');
insert into operators (username, municipality_id, role, full_name)
values ('tvd_manager', 1, 'manager', 'Manager 1'), ('ksb_manager', 2, 'manager', 'Manager 2');
insert into sla_policies (municipality_id, category, response_target, resolution_target)
values (1, null, '8 h', '72 h'), (1, 'water', '2 h', '24 h');
"""

Move = tuple[str, float]

HISTORIES: dict[str, tuple[Move, ...]] = {
    "never paused": (),
    "held twice": (("on_hold", 1), ("in_progress", 2), ("on_hold", 3), ("in_progress", 6)),
    "held and passed on": (("on_hold", 1), ("resolved", 4), ("in_progress", 9)),
    "reopened": (("resolved", 5), ("closed", 9), ("in_progress", 15)),
    "on hold": (("on_hold", 1),),
    "resolved": (("resolved", 5), ("closed", 9)),
    "answered and resolved late": (("in_progress", 3), ("resolved", 30)),
    "moved in no time": (("on_hold", 1), ("escalated", 1)),
}
"""How tickets about water, two hours to answer and 24 to resolve, got to where they are; hours after logging."""


def insert(
    owner: psycopg.Connection,
    name: str,
    moves: tuple[Move, ...] = (),
    *,
    municipality: int = 1,
    category: str = "water",
    clocks: bool = True,
) -> None:
    """A ticket as the program of revision 0004 left it, with the events of its moves."""
    ticket = uuid.uuid5(uuid.NAMESPACE_OID, name)
    number = f"TKT-20260302-{ticket.hex[:6].upper()}"
    sensitive = category == "gbv"
    status, paused_at, paused_for = "open", None, dt.timedelta(0)
    answered = resolved = None
    for to, after in moves:
        at = T0 + after * HOUR
        if paused_at is not None and (status, to) != ("resolved", "closed"):
            paused_for, paused_at = paused_for + (at - paused_at), None
        if to in {"on_hold", "resolved"}:
            paused_at = at
        if to in {"in_progress", "resolved"}:
            answered = answered or at
        resolved = at if to == "resolved" else resolved if to == "closed" else None
        status = to
    dated = clocks and not sensitive
    owner.execute("insert into tracking_numbers values (%s)", (number,))
    owner.execute(
        "insert into tickets (id, municipality_id, is_sensitive, tracking_number, category, status, description,"
        " created_at, updated_at, chain, last_seq, paused_at, paused_for, first_responded_at, resolved_at,"
        " sla_response_deadline, sla_response_warning_at, sla_resolution_deadline, sla_resolution_warning_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, '\\x00', %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(ticket, municipality, sensitive, number, category, status),
            *(
                None if sensitive else name,
                T0,
                T0,
                len(moves) + 1,
                paused_at,
                paused_for,
                answered,
                resolved,
            ),
            *((T0 + 2 * HOUR, T0 + 1.6 * HOUR) if dated else (None, None)),
            *(
                (T0 + 24 * HOUR + paused_for, T0 + 19.2 * HOUR + paused_for)
                if dated
                else (None, None)
            ),
        ),
    )
    for seq, (to, after) in enumerate((("open", 0.0), *moves), start=1):
        owner.execute(
            "insert into ticket_events (id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at,"
            " to_status, chain) values (nextval(%s), %s, %s, %s, %s, 'status_changed', 'tvd_manager', 'console',"
            " %s, %s, sha256(''))",
            (
                f"ticket_events_{'sensitive' if sensitive else 'municipal'}_id",
                *(municipality, sensitive, ticket, seq, T0 + after * HOUR, to),
            ),
        )


@pytest.fixture(scope="module")
def upgraded(server: Server) -> Iterator[Database]:
    """A database of revision 0004 with such tickets, brought up to date."""
    server.drop(server.fresh())  # everybody has a login
    database = server.blank()
    house.upgrade(database, to="0004")
    owner = database.connect_owner()
    owner.execute(_PEOPLE)
    for name, moves in HISTORIES.items():
        insert(owner, name, moves)
    insert(owner, "about roads", category="roads")
    insert(owner, "without clocks", (("in_progress", 1),), clocks=False)
    insert(owner, "elsewhere", municipality=2)
    insert(owner, "behind the wall", HISTORIES["held twice"], category="gbv")
    database.close()
    house.upgrade(database)
    yield database
    server.drop(database)


@pytest.fixture
def old(upgraded: Database) -> Iterator[Database]:
    """The same, its connections closed after the test."""
    yield upgraded
    upgraded.close()


def row(database: Database, name: str) -> dict[str, Any]:
    """A ticket as it is now."""
    with database.connect_owner().cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select t.*, p.category as policy from tickets as t"
            " left join sla_policies as p on p.id = t.sla_policy_id where t.id = %s",
            (uuid.uuid5(uuid.NAMESPACE_OID, name),),
        ).fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "pauses"),
    [
        ("never paused", ()),
        ("held twice", ((1, 2), (3, 6))),
        # What follows without a gap is one pause.
        ("held and passed on", ((1, 9),)),
        ("reopened", ((5, 15),)),
        # A pause that lasts, and a resolution that nobody took back, are none yet.
        ("on hold", ()),
        ("resolved", ()),
        ("moved in no time", ()),
        ("behind the wall", ((1, 2), (3, 6))),
    ],
)
def test_pauses_are_found_in_the_history(
    old: Database, name: str, pauses: tuple[tuple[float, float], ...]
) -> None:
    """The length that was kept becomes the times it was made of, and no deadline moves."""
    found = row(old, name)

    assert found["pauses"] == Multirange(
        [Range(T0 + begin * HOUR, T0 + end * HOUR) for begin, end in pauses]
    )
    if name != "behind the wall":
        length = sum(end - begin for begin, end in pauses)
        assert found["sla_resolution_deadline"] == T0 + (24 + length) * HOUR


@pytest.mark.parametrize(
    ("name", "policy"),
    [("never paused", "water"), ("about roads", None), ("elsewhere", None)],
)
def test_tickets_keep_the_policy_of_their_category(
    old: Database, name: str, policy: str | None
) -> None:
    """The category's own, the municipality's default, or the one that is built in."""
    found = row(old, name)

    assert found["policy"] == policy
    assert (found["sla_policy_id"] is None) == (name == "elsewhere")


def test_what_was_late_is_known(old: Database) -> None:
    """An answer and a resolution after their deadlines are breaches since those; what is open is for the sweep."""
    late, open_still = row(old, "answered and resolved late"), row(old, "never paused")

    assert late["sla_response_breached_at"] == T0 + 2 * HOUR
    assert late["sla_resolution_breached_at"] == T0 + 24 * HOUR
    assert (open_still["sla_response_breached_at"], open_still["next_sweep"]) == (
        None,
        T0 + 1.6 * HOUR,
    )


def test_what_has_no_clocks_gets_none(old: Database) -> None:
    """What was imported without clocks, and a GBV report, are nothing for the sweep."""
    imported, report = row(old, "without clocks"), row(old, "behind the wall")

    assert (imported["without_sla"], imported["next_sweep"], imported["policy"]) == (
        True,
        NEVER,
        None,
    )
    assert (report["without_sla"], report["next_sweep"], report["sla_policy_id"]) == (
        False,
        NEVER,
        None,
    )


def test_work_goes_on(old: Database) -> None:
    """A ticket that was on hold over the upgrade is taken up again, with that pause."""
    ticket = row(old, "on hold")["id"]
    old.connect("tvd_manager").execute(desk.CHANGE, (ticket, "in_progress"))
    found = row(old, "on hold")
    (pause,) = found["pauses"]

    assert pause.lower == T0 + HOUR
    assert found["sla_resolution_deadline"] == T0 + 24 * HOUR + (pause.upper - pause.lower)
    assert found["sla_response_breached_at"] == T0 + 2 * HOUR
